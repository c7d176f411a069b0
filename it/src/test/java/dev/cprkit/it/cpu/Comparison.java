package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Finds the first difference between what two machines left of a sequence, beyond what the privileged manual leaves to
 * the implementation: {@code mtval} of an illegal instruction may be zero or the instruction, that of a breakpoint zero
 * or its address.
 */
final class Comparison {
    private static final long ILLEGAL = 2;
    private static final long BREAKPOINT = 3;

    private final ByteBuffer reference;
    private final ByteBuffer tested;
    private final boolean old;

    /**
     * @param old whether the reference is QEMU before 8.0, which reports faults of AMOs as those of loads, and access
     *     faults behind a page table as page faults
     */
    Comparison(ByteBuffer reference, ByteBuffer tested, boolean old) {
        this.reference = reference;
        this.tested = tested;
        this.old = old;
    }

    /** The first difference in a block, in words, or empty. */
    Optional<String> difference(int index) {
        int at = (int) (Harness.BLOCKS - Harness.RAM) + index * Block.SIZE;
        int records = Math.max(records(reference, at), records(tested, at));
        for (int i = 0; i < records; i++) {
            int record = at + Block.LOG + i * Block.LOG_RECORD;
            if (!sameTrap(at, record)) {
                return Optional.of("trap %d: expected %s, was %s"
                        .formatted(i, trap(reference, at, record), trap(tested, at, record)));
            }
        }
        for (int offset = 0; offset < Block.SIZE; offset += 8) {
            // The supervisor's handler has the cause there when it gives up.
            boolean oldCause = old && offset == Block.FINAL_X + 8 * 30 && reference.getLong(at + Block.MEDELEG) != 0;
            boolean elsewhere = oldCause
                    || offset >= Block.LOG && offset < Block.LOG + Block.LOG_RECORDS * Block.LOG_RECORD
                    || offset >= Block.SAVED && offset < Block.SAVED_END;
            boolean supervisorCause = (offset == Block.FINAL_CSRS + 24 || offset == Block.FINAL_CSRS + 16)
                    && reference.getLong(at + Block.MEDELEG) != 0;
            if (!elsewhere && !supervisorCause && reference.getLong(at + offset) != tested.getLong(at + offset)) {
                return Optional.of("%s: expected %016x, was %016x"
                        .formatted(place(offset), reference.getLong(at + offset), tested.getLong(at + offset)));
            }
        }
        return Optional.empty();
    }

    /** The first difference in the page tables and the pages of the zoo. */
    Optional<String> differenceInTables() {
        for (int at = 0x10_0000; at < 0x40_0000; at += 8) {
            if (reference.getLong(at) != tested.getLong(at)) {
                return Optional.of("physical %x: expected %016x, was %016x"
                        .formatted(Harness.RAM + at, reference.getLong(at), tested.getLong(at)));
            }
        }
        return Optional.empty();
    }

    private static int records(ByteBuffer ram, int at) {
        long next = ram.getLong(at + Block.LOG_NEXT) - Harness.RAM - at - Block.LOG;
        return Math.clamp(next / Block.LOG_RECORD, 0, Block.LOG_RECORDS);
    }

    private boolean sameTrap(int at, int record) {
        long cause = reference.getLong(record);
        long value = reference.getLong(record + 8);
        long pc = reference.getLong(record + 16);
        long testedCause = tested.getLong(record);
        long testedValue = tested.getLong(record + 8);
        if (pc != tested.getLong(record + 16) || reference.getLong(record + 24) != tested.getLong(record + 24)) {
            return false;
        }
        if (cause != testedCause && !(old && confused(cause, testedCause, atomic(at, pc)))) {
            return false;
        }
        if (cause == ILLEGAL) {
            return value == testedValue || testedValue == 0;
        }
        if (cause == BREAKPOINT) {
            return testedValue == 0 || testedValue == pc + Harness.RAM + at;
        }
        // Old QEMU gives the aligned address below a misaligned access.
        return value == testedValue || old && accessFault(cause) && testedValue - value >= 0 && testedValue - value < 8;
    }

    private static boolean accessFault(long cause) {
        return cause == 5 || cause == 7 || cause == 13 || cause == 15;
    }

    private static boolean confused(long cause, long testedCause, boolean atomic) {
        long asStore = atomic && (cause == 4 || cause == 5 || cause == 13) ? cause + 2 : cause;
        boolean behindTable = asStore == 12 && testedCause == 1
                || asStore == 13 && testedCause == 5
                || asStore == 15 && testedCause == 7;
        boolean readFirst = atomic && asStore == 7 && testedCause == 15;
        return asStore == testedCause || behindTable || readFirst;
    }

    private boolean atomic(int at, long pc) {
        return pc >= Block.CODE
                && pc < Block.CODE + Block.CODE_SIZE
                && (reference.getInt(at + (int) pc) & 0x7f) == 0x2f;
    }

    private static String trap(ByteBuffer ram, int at, int record) {
        long pc = ram.getLong(record + 16);
        boolean inCode = pc >= Block.CODE && pc < Block.CODE + Block.CODE_SIZE;
        return "cause %x value %x at +%x status %x%s"
                .formatted(
                        ram.getLong(record),
                        ram.getLong(record + 8),
                        pc,
                        ram.getLong(record + 24),
                        inCode ? " (" + InstructionSet.name(ram.getInt(at + (int) pc)) + ")" : "");
    }

    private static String place(int offset) {
        if (offset >= Block.FINAL_X && offset < Block.FINAL_X + 256) {
            return "x" + (offset - Block.FINAL_X) / 8;
        }
        if (offset >= Block.FINAL_F && offset < Block.FINAL_F + 256) {
            return "f" + (offset - Block.FINAL_F) / 8;
        }
        return switch (offset) {
            case Block.FINAL_FCSR -> "fcsr";
            case Block.FINAL_CSRS -> "sscratch";
            case Block.FINAL_CSRS + 8 -> "sepc";
            case Block.FINAL_CSRS + 16 -> "scause";
            case Block.FINAL_CSRS + 24 -> "stval";
            case Block.FINAL_CSRS + 32 -> "satp";
            case Block.FINAL_CSRS + 40 -> "mie";
            case Block.FINAL_CSRS + 48 -> "mip";
            case Block.VECTOR, Block.VECTOR_S -> "interrupt vector";
            default -> "memory at +%x".formatted(offset);
        };
    }

    /** The first of so many blocks that the tested machine did not come to the end of, in words. */
    String unfinished(int blocks) {
        for (int i = 0; i < blocks; i++) {
            int at = (int) (Harness.BLOCKS - Harness.RAM) + i * Block.SIZE + Block.FINAL_X + 8 * 8;
            if (tested.getLong(at) != reference.getLong(at)) {
                return "it is stuck in sequence %d%n%s".formatted(i, listing(i));
            }
        }
        return "it is stuck behind the last sequence";
    }

    /** The block's code, an instruction in a line, as the reference left it. */
    String listing(int index) {
        int at = (int) (Harness.BLOCKS - Harness.RAM) + index * Block.SIZE;
        int end = (int) (reference.getLong(at + Block.CODE_END) - Harness.RAM - at);
        StringBuilder text = new StringBuilder("mstatus %x satp %x medeleg %x passes left %d, %d\n"
                .formatted(
                        reference.getLong(at + Block.MSTATUS),
                        reference.getLong(at + Block.SATP),
                        reference.getLong(at + Block.MEDELEG),
                        reference.getLong(at + Block.PASSES),
                        tested.getLong(at + Block.PASSES)));
        for (int offset = Block.CODE; offset <= end; ) {
            int word = reference.getInt(at + offset);
            boolean whole = (word & 3) == 3;
            text.append("  +%x: %s %s%n"
                    .formatted(
                            offset,
                            (whole ? "%08x" : "%04x").formatted(whole ? word : word & 0xffff),
                            InstructionSet.name(word)));
            offset += whole ? 4 : 2;
        }
        return text.toString();
    }
}
