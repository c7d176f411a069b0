package dev.cprkit.it.vm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest that writes 16 MiB of memory all the time: it adds one to eight words of each page, page after page, as fast as
 * its pace lets it. Before it does, it looks whether each still holds what it wrote there in the round before. It prints a
 * dot for every so many rounds, and an X when a word is wrong, whereupon it stops.
 */
record SweepingGuest(Path console, Pace pace) {
    /** How fast it writes, and how often it says so. */
    enum Pace {
        /** As fast as it can: some GB/s. */
        FAST(1, 16),
        /** Much faster than a slow channel, but so that it can be caught up with when it is slowed down to a few percent. */
        STEADY(32, 1);

        private final int idle;
        private final int roundsPerDot;

        Pace(int idle, int roundsPerDot) {
            this.idle = idle;
            this.roundsPerDot = roundsPerDot;
        }
    }

    private static final int IDLE_AT = 10;
    private static final int ROUNDS_AT = 16;
    private static final int[] PROGRAM = {
        0x00100417, //        auipc s0, 0x100     1 MiB above this program
        0x010004b7, //        lui   s1, 0x1000    16 MiB of it
        0x009404b3, //        add   s1, s0, s1
        0x10000937, //        lui   s2, 0x10000   the UART
        0x00000993, //        li    s3, 0         the round
        0x00040293, // sweep: mv    t0, s0
        0x0002b303, // 1:     ld    t1, 0(t0)
        0x03331c63, //        bne   t1, s3, bad
        0x00130313, //        addi  t1, t1, 1
        0x0062b023, //        sd    t1, 0(t0)
        0x00000393, //        li    t2, idle
        0xfff38393, // 2:     addi  t2, t2, -1
        0xfe039ee3, //        bnez  t2, 2b
        0x20028293, //        addi  t0, t0, 512
        0xfe92e0e3, //        bltu  t0, s1, 1b
        0x00198993, //        addi  s3, s3, 1
        0x0009f313, //        andi  t1, s3, rounds - 1
        0xfc0318e3, //        bnez  t1, sweep
        0x02e00313, //        li    t1, '.'
        0x00690023, //        sb    t1, 0(s2)
        0xfc5ff06f, //        j     sweep
        0x05800313, // bad:   li    t1, 'X'
        0x00690023, //        sb    t1, 0(s2)
        0x10500073, // 3:     wfi
        0xffdff06f, //        j     3b
    };

    /** One that writes as fast as it can. */
    SweepingGuest(Path console) {
        this(console, Pace.FAST);
    }

    private byte[] image() {
        int[] program = PROGRAM.clone();
        program[IDLE_AT] |= pace.idle << 20;
        program[ROUNDS_AT] |= (pace.roundsPerDot - 1) << 20;
        ByteBuffer image = ByteBuffer.allocate(program.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        image.asIntBuffer().put(program);
        return image.array();
    }

    /** The options of a machine of 32 MiB that runs it; the kernel file is made in the folder. */
    List<String> options(Path folder, String... more) throws IOException {
        Path kernel = folder.resolve("sweeping.bin");
        if (!Files.exists(kernel)) {
            Files.write(kernel, image());
        }
        List<String> options = new ArrayList<>(List.of("-M", "virt", "-m", "32M", "-nodefaults", "-display", "none"));
        options.addAll(List.of("-chardev", "file,id=console,path=" + console + ",append=on"));
        options.addAll(List.of("-serial", "chardev:console", "-kernel", kernel.toString()));
        options.addAll(List.of(more));
        return options;
    }

    private String text() throws IOException {
        return Files.exists(console) ? Files.readString(console, StandardCharsets.US_ASCII) : "";
    }

    /** How many dots it has printed. */
    int dots() throws IOException {
        return text().replace("X", "").length();
    }

    /** Whether all that it wrote was there when it came back. */
    boolean unharmed() throws IOException {
        return !text().contains("X");
    }

    /** Waits until it has written everything several times more. */
    void awaitRounds() throws Exception {
        int before = dots();
        Await.until(
                VmProcess.LIMIT,
                () -> "the guest to go on writing; it printed " + console,
                () -> dots() > before + 1 || !unharmed());
    }

    /** Waits until it has printed so many dots. */
    void awaitDots(int wanted) throws Exception {
        Await.until(VmProcess.LIMIT, () -> wanted + " dots on " + console, () -> dots() >= wanted || !unharmed());
    }
}
