package dev.cprkit.cprctl;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of every command: which VM, and how to print. */
final class QmpOption {
    @Option(
            names = "--qmp",
            required = true,
            paramLabel = "PATH",
            description = "The VM's QMP socket: the path in its -qmp or -chardev option.")
    Path qmp;

    @Option(names = "--json", description = "Print JSON, one object on each line.")
    boolean json;
}
