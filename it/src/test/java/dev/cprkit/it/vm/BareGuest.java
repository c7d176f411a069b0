package dev.cprkit.it.vm;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The bare-metal guest on a console that is a file: {@code N COUNT TIME ok} some times per second, see guest/bare/bare.S.
 */
public record BareGuest(Path console) {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** The machine that runs it: 64 MiB of RAM in a memfd, everything shared, S mode above the built-in SBI. */
    public static List<String> machine() {
        return machine("64M");
    }

    public static List<String> machine(String ram) {
        return List.of(
                "-machine",
                "virt,aux-ram-share=on,memory-backend=ram0",
                "-object",
                "memory-backend-memfd,id=ram0,size=" + ram,
                "-m",
                ram,
                "-nodefaults",
                "-display",
                "none");
    }

    public static Path image() {
        return Path.of(System.getProperty("cprkit.root", ".."))
                .resolve("guest/bare/bare.bin")
                .toAbsolutePath();
    }

    public List<String> consoleOptions() {
        return List.of("-chardev", "file,id=console,path=" + console + ",append=on", "-serial", "chardev:console");
    }

    public String text() throws Exception {
        return Files.exists(console) ? Files.readString(console, StandardCharsets.US_ASCII) : "";
    }

    /** The last line's count; 0 before the first. */
    public long count() throws Exception {
        long last = 0;
        String text = text();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
            if (line.startsWith("N ")) {
                last = Long.parseLong(line.split(" ", -1)[1]);
            }
        }
        return last;
    }

    /** Waits until it has counted on, and by how much it should at least. */
    public long awaitCount(long atLeast) throws Exception {
        Await.until(LIMIT, () -> "a count of " + atLeast + " on the console", () -> count() >= atLeast);
        return count();
    }

    /** How often it has booted, by its banners. */
    public long boots() throws Exception {
        return text().lines().filter(line -> line.startsWith("bare guest:")).count();
    }

    /** Whether every count followed the one before, and the pattern was always right. */
    public boolean unbroken() throws Exception {
        long expected = 1;
        String text = text();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\r?\n", -1)) {
            if (line.startsWith("N ")) {
                String[] words = line.split(" ", -1);
                if (Long.parseLong(words[1]) != expected++ || !words[3].equals("ok")) {
                    return false;
                }
            }
        }
        return true;
    }
}
