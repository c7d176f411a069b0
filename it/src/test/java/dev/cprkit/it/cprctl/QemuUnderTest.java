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
 * The QEMUs for these tests. One is the executable that the environment variable CPRKIT_QEMU names, or
 * {@code qemu-system-riscv64} on PATH, of 10.0 or later, the first release with cpr-transfer; the other is a newer one
 * that CPRKIT_QEMU_SID names. Either may also be where .ci/run puts it.
 */
public final class QemuUnderTest {
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.");

    private QemuUnderTest() {}

    /** Why there is none. */
    public static String reason() {
        return "needs qemu-system-riscv64 10.0 or later on PATH, or its path in CPRKIT_QEMU; .ci/run fetches one";
    }

    /** Why there is no newer one. */
    public static String newestReason() {
        return "needs the path of a newer qemu-system-riscv64 in CPRKIT_QEMU_SID; .ci/run fetches one";
    }

    public static Optional<Path> find() throws IOException, InterruptedException {
        String named = System.getenv("CPRKIT_QEMU");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(QemuUnderTest::isExecutable);
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            Path candidate = Path.of(folder, "qemu-system-riscv64");
            if (isExecutable(candidate) && major(candidate) >= 10) {
                return Optional.of(candidate);
            }
        }
        return fetched("trixie");
    }

    public static Optional<Path> newest() {
        String named = System.getenv("CPRKIT_QEMU_SID");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(QemuUnderTest::isExecutable);
        }
        return fetched("sid");
    }

    /** The same release for x86-64, which lies beside it. */
    static Optional<Path> x86(Path riscv64) {
        return Optional.of(riscv64.resolveSibling("qemu-system-x86_64")).filter(QemuUnderTest::isExecutable);
    }

    private static Optional<Path> fetched(String suite) {
        String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache");
        return Optional.of(Path.of(cache, "cprkit", "qemu", suite, "qemu-system-riscv64"))
                .filter(QemuUnderTest::isExecutable);
    }

    private static boolean isExecutable(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    /** The number before the first dot of its version, 0 if it tells none. */
    public static int major(Path qemu) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(qemu.toString(), "-version")
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(10, TimeUnit.SECONDS);
        Matcher matcher = VERSION.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
