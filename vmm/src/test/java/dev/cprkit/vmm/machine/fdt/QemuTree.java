package dev.cprkit.vmm.machine.fdt;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A QEMU that is installed here: the host's own, or one unpacked in a folder of its own and started with the libraries
 * there.
 *
 * @param version as it tells it, {@code 7.2.22}
 */
record QemuTree(String version, List<String> command, Map<String, String> environment) {
    private static final String PROGRAM = "usr/bin/qemu-system-riscv64";

    /** Every one that starts: the host's, and those below /opt. */
    static List<QemuTree> installed() throws Exception {
        List<Path> roots = new ArrayList<>(List.of(Path.of("/")));
        try (DirectoryStream<Path> unpacked = Files.newDirectoryStream(Path.of("/opt"), "qemu-*")) {
            unpacked.forEach(roots::add);
        }
        List<QemuTree> found = new ArrayList<>();
        for (Path root : roots) {
            if (Files.isExecutable(root.resolve(PROGRAM))) {
                QemuTree qemu = of(root);
                String text = qemu.run(List.of("-version"));
                if (text.startsWith("QEMU emulator version ")) {
                    found.add(new QemuTree(text.split(" ", -1)[3], qemu.command, qemu.environment));
                }
            }
        }
        return found;
    }

    private static QemuTree of(Path root) {
        String program = root.resolve(PROGRAM).toString();
        if (root.getNameCount() == 0) {
            return new QemuTree("", List.of(program), Map.of());
        }
        Path libraries = root.resolve("usr/lib/x86_64-linux-gnu");
        List<String> command = List.of(
                root.resolve("lib64/ld-linux-x86-64.so.2").toString(),
                "--library-path",
                libraries + ":" + root.resolve("lib/x86_64-linux-gnu"),
                program,
                "-L",
                root.resolve("usr/share/qemu").toString());
        return new QemuTree(
                "", command, Map.of("QEMU_MODULE_DIR", libraries.resolve("qemu").toString()));
    }

    /** Its device tree; empty if it does not start, as one that was unpacked may find only another's modules. */
    Optional<FdtNode> tree(Path file, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-display", "none", "-machine", "virt,dumpdtb=" + file));
        arguments.addAll(List.of(options));
        run(arguments);
        return Files.exists(file) ? Optional.of(FdtReader.parse(Files.readAllBytes(file))) : Optional.empty();
    }

    private String run(List<String> arguments) throws IOException, InterruptedException {
        Path log = Files.createTempFile("qemu", ".log");
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException(all + " does not end");
            }
            return Files.readString(log);
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }

    @Override
    public String toString() {
        return "QEMU " + version;
    }
}
