package dev.cprkit.it.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * QEMU's riscv64 {@code virt} machine over a file that is its RAM. Found by {@code CPRKIT_QEMU}, a command with any first
 * arguments it needs, separated by blanks; or else on the {@code PATH}.
 */
final class QemuMachine {
    private final List<String> command;

    private QemuMachine(List<String> command) {
        this.command = command;
    }

    static Optional<QemuMachine> find() {
        String given = System.getenv("CPRKIT_QEMU");
        if (given != null && !given.isBlank()) {
            return Optional.of(new QemuMachine(List.of(given.strip().split(" +"))));
        }
        for (String directory : System.getenv("PATH").split(":")) {
            Path program = Path.of(directory, "qemu-system-riscv64");
            if (Files.isExecutable(program)) {
                return Optional.of(new QemuMachine(List.of(program.toString())));
            }
        }
        return Optional.empty();
    }

    /** The first line that the program prints about itself. */
    String version() throws IOException, InterruptedException {
        return run(List.of("--version"), 20).lines().findFirst().orElse("");
    }

    /** Runs the program in the file until it powers off; the file then holds what it left. */
    void run(Path ram, int seconds) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-M", "virt,memory-backend=ram", "-nodefaults", "-m", "64M"));
        arguments.addAll(List.of("-object", "memory-backend-file,id=ram,size=64M,share=on,mem-path=" + ram));
        arguments.addAll(List.of("-cpu", cpu(), "-bios", "none", "-display", "none", "-serial", "none"));
        arguments.addAll(List.of("-monitor", "none", "-no-reboot"));
        run(arguments, seconds);
    }

    /** The extensions under test and none that gives a meaning to what must be illegal. */
    private String cpu() throws IOException, InterruptedException {
        String cpu = "rv64,h=false,zba=true,zbb=true,zbs=true,zbc=false,debug=false";
        return old() ? cpu : cpu + ",zfa=false,zawrs=false,svade=false,svadu=true";
    }

    /** Before 8.0: see {@link Comparison} and {@link Sequences}. */
    boolean old() throws IOException, InterruptedException {
        return major() < 8;
    }

    private int major() throws IOException, InterruptedException {
        for (String word : version().split(" ")) {
            if (!word.isEmpty() && Character.isDigit(word.charAt(0))) {
                return Integer.parseInt(word.substring(0, word.indexOf('.')));
            }
        }
        throw new IOException(command + " --version tells no version: " + version());
    }

    private String run(List<String> arguments, int seconds) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(command);
        line.addAll(arguments);
        Path output = Files.createTempFile("cprkit-qemu", ".out");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
                String text = Files.readString(output, StandardCharsets.UTF_8);
                if (!ended) {
                    throw new IOException("%s did not end within %d s: %s".formatted(line, seconds, text));
                }
                if (process.exitValue() != 0) {
                    throw new IOException("%s ended with %d: %s".formatted(line, process.exitValue(), text));
                }
                return text;
            } finally {
                process.destroyForcibly().waitFor();
            }
        } finally {
            Files.delete(output);
        }
    }
}
