package dev.cprkit.cprctl;

import dev.cprkit.agent.operation.ModeChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an update is to be like: for update, check and plan. */
final class UpdateOptions {
    @Option(
            names = {"--to", "--vmm"},
            order = 1,
            paramLabel = "BINARY",
            description = "The new program, started with the old one's options. By default the file that is now at the"
                    + " path of the one that runs. --vmm is an older name of this option.")
    private Optional<Path> program = Optional.empty();

    @Option(
            names = "--mode",
            order = 2,
            paramLabel = "MODE",
            defaultValue = "auto",
            completionCandidates = ModeNames.class,
            description = "How the guest gets to the new program: transfer (another process beside the old one), exec"
                    + " (in the same process), reboot (through a file), or auto, the default: the least disruptive that"
                    + " passes its checks.")
    private String mode = "auto";

    /** The mode, or an error. */
    ModeChoice mode(Verb verb) {
        return mode(verb, mode);
    }

    /** The mode of that name, or an error. */
    static ModeChoice mode(Verb verb, String mode) {
        return ModeChoice.of(mode)
                .orElseThrow(
                        () -> verb.wrong("--mode '" + mode + "' is not known; use auto, transfer, exec or reboot"));
    }

    /** The new program's absolute path; empty for the one that runs. */
    Optional<Path> program(Verb verb) {
        return program.map(name -> onPath(name, verb.site()));
    }

    /** A bare name is looked for as a shell would; anything else, and what is not found, is a path from here. */
    private static Path onPath(Path name, Site site) {
        Path here = site.directory().resolve(name).normalize();
        if (name.getNameCount() == 1 && !name.isAbsolute() && !Files.exists(here)) {
            for (String folder : site.environment().getOrDefault("PATH", "").split(":", -1)) {
                Path candidate = Path.of(folder).resolve(name);
                if (candidate.isAbsolute() && Files.isExecutable(candidate)) {
                    return candidate;
                }
            }
        }
        return here;
    }
}
