package dev.cprkit.it.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The comparison sees each kind of difference, and passes over those alone that the manuals allow. */
final class ComparisonTest {
    private static final int AT = (int) (Harness.BLOCKS - Harness.RAM);
    private static final int TRAP = AT + Block.LOG;

    private final ByteBuffer reference = ByteBuffer.allocate(Harness.RAM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer tested = ByteBuffer.allocate(Harness.RAM_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final Comparison comparison = new Comparison(reference, tested, false);

    @BeforeEach
    void oneTrap() {
        for (ByteBuffer ram : new ByteBuffer[] {reference, tested}) {
            Image.fill(ram, 3, 1, false);
            ram.putLong(AT + Block.LOG_NEXT, Harness.BLOCKS + Block.LOG + Block.LOG_RECORD);
            ram.putLong(TRAP, 2);
            ram.putLong(TRAP + 8, 0x1234_5678);
            ram.putLong(TRAP + 16, Block.CODE);
        }
    }

    @Test
    void theSameIsNoDifference() {
        assertThat(comparison.difference(0)).isEmpty();
        assertThat(comparison.differenceInTables()).isEmpty();
    }

    @Test
    void registersMemoryAndTablesAreSeen() {
        tested.putLong(AT + Block.FINAL_X + 8 * 12, 1);
        assertThat(comparison.difference(0))
                .hasValueSatisfying(text -> assertThat(text).startsWith("x12: expected"));
        tested.putLong(AT + Block.FINAL_X + 8 * 12, 0);
        tested.put(AT + Block.SIZE - 1, (byte) (tested.get(AT + Block.SIZE - 1) + 1));
        assertThat(comparison.difference(0))
                .hasValueSatisfying(text -> assertThat(text).startsWith("memory at +1ff8"));
        tested.put(0x10_2000, (byte) ~tested.get(0x10_2000));
        assertThat(comparison.differenceInTables())
                .hasValueSatisfying(text -> assertThat(text).startsWith("physical 80102000"));
        assertThat(comparison.listing(0)).contains("+c00: ");
    }

    @Test
    void trapsAreSeen() {
        for (int offset : new int[] {0, 16, 24}) {
            tested.putLong(TRAP + offset, tested.getLong(TRAP + offset) + 1);
            assertThat(comparison.difference(0))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("trap 0"));
            tested.putLong(TRAP + offset, tested.getLong(TRAP + offset) - 1);
        }
        tested.putLong(AT + Block.LOG_NEXT, Harness.BLOCKS + Block.LOG + 2L * Block.LOG_RECORD);
        tested.putLong(TRAP + Block.LOG_RECORD, 5);
        assertThat(comparison.difference(0))
                .hasValueSatisfying(text -> assertThat(text).startsWith("trap 1"));
    }

    @Test
    void anIllegalInstructionIsToldOrNot() {
        tested.putLong(TRAP + 8, 0);
        assertThat(comparison.difference(0)).isEmpty();
        tested.putLong(TRAP + 8, 1);
        assertThat(comparison.difference(0)).isPresent();
    }

    @Test
    void onlyOldQemuMayConfuseFaults() {
        reference.putLong(TRAP, 12);
        tested.putLong(TRAP, 1);
        assertThat(comparison.difference(0)).isPresent();
        assertThat(new Comparison(reference, tested, true).difference(0)).isEmpty();
        tested.putLong(TRAP, 13);
        assertThat(new Comparison(reference, tested, true).difference(0)).isPresent();
    }
}
