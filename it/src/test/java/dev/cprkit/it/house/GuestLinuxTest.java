package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/guest-linux with a cache that has the packages' files already, and no apt that could fetch them. */
class GuestLinuxTest {
    @TempDir
    private Path folder;

    private Path base;
    private Map<String, String> environment;

    @BeforeEach
    void fill_the_cache() throws Exception {
        base = Files.createDirectories(folder.resolve("cprkit/guest-linux/base/modules"))
                .getParent();
        Files.writeString(base.resolve("kernel"), "a kernel");
        Files.writeString(base.resolve("busybox"), "a busybox");
        Files.writeString(base.resolve("packages"), "the packages");
        Files.writeString(base.resolve("modules/virtio_mmio.ko"), "a module");
        StringBuilder sums = new StringBuilder();
        for (String file : new String[] {"kernel", "busybox", "packages", "modules/virtio_mmio.ko"}) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(base.resolve(file)));
            sums.append(HexFormat.of().formatHex(digest))
                    .append("  ")
                    .append(file)
                    .append('\n');
        }
        Files.writeString(base.resolve("SHA256SUMS"), sums);
        // A mirror that is nowhere, so that a fetch fails whatever this machine has.
        environment = Map.of(
                "XDG_CACHE_HOME", folder.toString(), "CPRKIT_DEBIAN_MIRROR", "file://" + folder.resolve("nowhere"));
    }

    @Test
    void the_second_time_it_needs_no_network_and_says_nothing() throws Exception {
        Checkout.Ended run = Checkout.run(30, environment, "bin/guest-linux");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).matches("KERNEL=\\Q" + base + "\\E/kernel\nINITRD=\\S+\\.cpio\n");
        assertThat(Checkout.run(30, environment, "bin/guest-linux").out()).isEqualTo(run.out());
    }

    @Test
    void the_initramfs_has_a_console_and_a_first_program() throws Exception {
        String out = Checkout.run(30, environment, "bin/guest-linux").out();
        Map<String, Entry> archive =
                newc(Path.of(out.substring(out.indexOf("INITRD=") + 7).strip()));

        assertThat(archive.keySet())
                .containsExactly(
                        "bin",
                        "dev",
                        "modules",
                        "proc",
                        "run",
                        "sys",
                        "dev/console",
                        "bin/busybox",
                        "modules/virtio_mmio.ko",
                        "init");
        assertThat(archive.get("dev/console").mode()).isEqualTo(0020600);
        assertThat(archive.get("dev/console").device()).isEqualTo("5:1");
        assertThat(archive.get("bin/busybox")).isEqualTo(new Entry(0100755, "0:0", "a busybox"));
        assertThat(archive.get("init").content())
                .isEqualTo(Files.readString(Checkout.ROOT.resolve("guest/linux/init")));
    }

    @Test
    void a_damaged_cache_is_not_used() throws Exception {
        Files.writeString(base.resolve("kernel"), "half a kern");
        Checkout.Ended run = Checkout.run(60, environment, "bin/guest-linux");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("guest-linux: the guest in " + base + " is damaged; fetching it again");
        try (Stream<Path> left = Files.list(base.getParent())) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .as("what a fetch that failed leaves behind")
                    .containsExactlyInAnyOrder("base", "lock");
        }
    }

    @Test
    void an_unknown_option_is_one_line() throws Exception {
        Checkout.Ended run = Checkout.run(30, environment, "bin/guest-linux", "--frobnicate");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("guest-linux: unknown option '--frobnicate'; see guest-linux --help\n");
    }

    private record Entry(int mode, String device, String content) {}

    /** Reads a cpio archive in the newc format, see the kernel's buffer-format document. */
    private static Map<String, Entry> newc(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Map<String, Entry> entries = new LinkedHashMap<>();
        int at = 0;
        while (true) {
            assertThat(text(bytes, at, 6)).isEqualTo("070701");
            int[] fields = new int[13];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = Integer.parseUnsignedInt(text(bytes, at + 6 + 8 * i, 8), 16);
            }
            String name = text(bytes, at + 110, fields[11] - 1);
            int data = at + 110 + fields[11] + 3 & ~3;
            if (name.equals("TRAILER!!!")) {
                return entries;
            }
            entries.put(name, new Entry(fields[1], fields[9] + ":" + fields[10], text(bytes, data, fields[6])));
            at = data + fields[6] + 3 & ~3;
        }
    }

    private static String text(byte[] bytes, int from, int length) {
        return new String(Arrays.copyOfRange(bytes, from, from + length), StandardCharsets.UTF_8);
    }
}
