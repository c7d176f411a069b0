package dev.cprkit.it.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.it.cpu.InstructionSet.Instruction;
import dev.cprkit.vmm.state.StateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs run by our hart and by QEMU's must leave the same registers, memory and traps, and also when the hart is
 * replaced by another many times on the way.
 *
 * <p>{@code -Dcprkit.cpu.seed=N} starts from another seed than 1 (a failure names its seed), {@code -Dcprkit.cpu.rounds=N}
 * runs more programs, {@code -Dcprkit.cpu.sequences=N} (up to 4096) sets how many sequences are in each.
 */
final class CpuDifferentialTest {
    private static final long SEED = Long.getLong("cprkit.cpu.seed", 1);
    private static final int ROUNDS = Integer.getInteger("cprkit.cpu.rounds", 3);
    private static final int SEQUENCES = Math.min(Integer.getInteger("cprkit.cpu.sequences", 4000), Harness.MAX_BLOCKS);
    private static final int SHOWN = 3;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void everyInstructionIsGenerated() {
        ByteBuffer image = ByteBuffer.allocate(Harness.RAM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        Sequences sequences = Image.fill(image, SEED, 1000, false);
        for (Instruction instruction : InstructionSet.all()) {
            assertThat(sequences.emitted().getOrDefault(instruction.name(), 0))
                    .as(instruction.name())
                    .isGreaterThan(10);
        }
    }

    @Test
    void theSameAsQemuAlsoAcrossLiveUpdates() throws IOException, InterruptedException, StateException {
        Optional<QemuMachine> found = QemuMachine.find();
        assumeTrue(found.isPresent(), "no qemu-system-riscv64 on PATH, nor a command for it in CPRKIT_QEMU");
        for (int round = 0; round < ROUNDS; round++) {
            compare(found.get(), SEED + round);
        }
    }

    private void compare(QemuMachine qemu, long seed) throws IOException, InterruptedException, StateException {
        Path file = directory.resolve("ram-" + seed);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer reference =
                    channel.map(MapMode.READ_WRITE, 0, Harness.RAM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
            Image.fill(reference, seed, SEQUENCES, qemu.old());
            ByteBuffer tested = copy(reference);
            ByteBuffer handedOver = copy(reference);
            qemu.run(file, 60);
            boolean finished = new HartMachine(tested).run(LIMIT);
            report(seed, new Comparison(reference, tested, qemu.old()), finished);
            HartMachine machine = new HartMachine(handedOver);
            finished = machine.runWithHandovers(LIMIT, seed);
            report(seed, new Comparison(reference, handedOver, qemu.old()), finished);
            assertThat(machine.handovers()).isPositive();
            assertThat(handedOver.getLong(Harness.INSTRUCTIONS))
                    .as("instructions counted in all, with handovers")
                    .isEqualTo(tested.getLong(Harness.INSTRUCTIONS))
                    .isGreaterThan(SEQUENCES * 100L);
        }
    }

    private static ByteBuffer copy(ByteBuffer ram) {
        ByteBuffer copy = ByteBuffer.allocateDirect(Harness.RAM_SIZE + 4096)
                .alignedSlice(4096)
                .slice(0, Harness.RAM_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN);
        copy.put(0, ram, 0, Harness.RAM_SIZE);
        return copy;
    }

    private static void report(long seed, Comparison comparison, boolean finished) {
        StringBuilder text = new StringBuilder();
        int different = 0;
        for (int i = 0; finished && i < SEQUENCES; i++) {
            Optional<String> difference = comparison.difference(i);
            if (difference.isPresent() && different++ < SHOWN) {
                text.append("sequence %d: %s%n%s".formatted(i, difference.get(), comparison.listing(i)));
            }
        }
        comparison.differenceInTables().ifPresent(text::append);
        if (!finished) {
            fail("seed %d: our hart did not power off: %s".formatted(seed, comparison.unfinished(SEQUENCES)));
        }
        if (!text.isEmpty()) {
            fail("seed %d: %d sequences differ%n%s".formatted(seed, different, text));
        }
    }
}
