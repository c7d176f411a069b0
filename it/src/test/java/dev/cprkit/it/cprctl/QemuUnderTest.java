package dev.cprkit.it.cprctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The QEMU for these tests: the executable that the environment variable CPRKIT_QEMU names, or
 * {@code qemu-system-riscv64} on PATH. It must be 10.0 or later, the first release with cpr-transfer.
 */
final class QemuUnderTest {
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.");

    private QemuUnderTest() {}

    /** Why there is none. */
    static String reason() {
        return "needs qemu-system-riscv64 10.0 or later on PATH, or its path in CPRKIT_QEMU";
    }

    static Optional<Path> find() throws IOException, InterruptedException {
        String named = System.getenv("CPRKIT_QEMU");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(QemuUnderTest::isExecutable);
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            Path candidate = Path.of(folder, "qemu-system-riscv64");
            if (isExecutable(candidate)) {
                return major(candidate) >= 10 ? Optional.of(candidate) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static boolean isExecutable(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    private static int major(Path qemu) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(qemu.toString(), "-version")
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(10, TimeUnit.SECONDS);
        Matcher matcher = VERSION.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
