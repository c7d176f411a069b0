package dev.cprkit.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What whole emulator processes cost: time from start to QMP greeting, CPU time from the kernel's first instruction to
 * init, CPU time of an idle guest, resident memory beyond guest RAM. Arguments: KERNEL INITRD NAME=PROGRAM...; prints a
 * table with a column for each program. The console must be that of bin/guest-linux.
 */
public final class ProcessBench {
    private static final int STARTS = 10;
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(20);

    private ProcessBench() {}

    /** What one emulator costs. */
    private record Costs(String name, Duration greeting, Duration boot, double idlePercent, long residentBytes) {}

    public static void main(String[] args) throws IOException {
        List<Costs> all = new ArrayList<>();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            all.add(measure(args[i].substring(0, equals), args[i].substring(equals + 1), args[0], args[1]));
        }
        print("", all.stream().map(Costs::name));
        print("---", all.stream().map(c -> "---:"));
        print(
                "start to QMP greeting, median of " + STARTS + " (ms)",
                all.stream().map(c -> format("%.0f", c.greeting().toNanos() / 1e6)));
        print(
                "Linux, first instruction to init (s of CPU)",
                all.stream().map(c -> format("%.1f", c.boot().toNanos() / 1e9)));
        print("idle Linux guest (% of a core)", all.stream().map(c -> format("%.1f", c.idlePercent())));
        print("resident memory beyond guest RAM (MiB)", all.stream().map(c -> Long.toString(c.residentBytes() >> 20)));
    }

    private static Costs measure(String name, String program, String kernel, String initrd) throws IOException {
        List<String> machine = List.of(
                "-machine", "virt,memory-backend=ram",
                "-object", "memory-backend-memfd,id=ram,size=512M,share=on",
                "-m", "512M");
        List<Duration> greetings = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            Path folder = Files.createTempDirectory("cprkit-bench");
            try (BenchVm vm = BenchVm.start(folder, program, machine)) {
                greetings.add(vm.toGreeting());
            } finally {
                remove(folder);
            }
        }
        Collections.sort(greetings);
        List<String> linux = new ArrayList<>(machine);
        linux.addAll(List.of("-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0"));
        Path folder = Files.createTempDirectory("cprkit-bench");
        try (BenchVm vm = BenchVm.start(folder, program, linux)) {
            Duration before = vm.cpu();
            vm.cont();
            vm.await("Run /init as init process");
            Duration boot = vm.cpu().minus(before);
            vm.await("count 5 ");
            vm.type("x"); // a shell, which waits
            vm.await("~ #");
            pass(SETTLE);
            before = vm.cpu();
            pass(IDLE);
            double idle = 100.0 * vm.cpu().minus(before).toNanos() / IDLE.toNanos();
            return new Costs(name, greetings.get(STARTS / 2), boot, idle, vm.residentBytesWithoutRam());
        } finally {
            remove(folder);
        }
    }

    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(folder);
    }

    private static String format(String format, double number) {
        return String.format(Locale.ROOT, format, number);
    }

    private static void print(String row, Stream<String> cells) {
        System.out.println("| " + row + " | " + String.join(" | ", cells.toList()) + " |");
    }
}
