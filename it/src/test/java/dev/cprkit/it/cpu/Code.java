package dev.cprkit.it.cpu;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The code of one sequence as it grows: units of one or a few instructions, whose starts alone are jumped to, and jumps
 * whose targets are known when all of it is there.
 */
final class Code {
    private record Jump(int at, int toUnit) {}

    private int last;
    private final List<Short> halves = new ArrayList<>();
    private final List<Integer> units = new ArrayList<>();
    private final List<Jump> jumps = new ArrayList<>();

    /** Code of so many units, or fewer. */
    Code(int units) {
        last = units;
    }

    boolean wantsMore() {
        return units.size() < last;
    }

    /** Here the code ends; what was to jump further will jump here. */
    void end() {
        last = units.size();
        unit();
    }

    /** The unit that comes after so many more. */
    int ahead(int more) {
        return Math.min(units.size() + more, last);
    }

    int bytes() {
        return 2 * halves.size();
    }

    int units() {
        return units.size();
    }

    void unit() {
        units.add(bytes());
    }

    void half(int half) {
        halves.add((short) half);
    }

    void word(int word) {
        half(word);
        half(word >>> 16);
    }

    /** A jump or branch, or {@code auipc} with an {@code addi} behind it, whose offset leads to the start of a unit. */
    void jump(int word, int toUnit) {
        jumps.add(new Jump(bytes(), toUnit));
        if ((word & 3) == 3) {
            word(word);
        } else {
            half(word);
        }
    }

    int unitOffset(int unit) {
        return unit < units.size() ? units.get(unit) : bytes();
    }

    private int wordAt(int at) {
        int low = halves.get(at / 2) & 0xffff;
        return (low & 3) == 3 ? low | halves.get(at / 2 + 1) << 16 : low;
    }

    private void set(int at, int word) {
        halves.set(at / 2, (short) word);
        if ((word & 3) == 3) {
            halves.set(at / 2 + 1, (short) (word >>> 16));
        }
    }

    void writeTo(ByteBuffer image, int position) {
        for (Jump jump : jumps) {
            int offset = unitOffset(Math.min(jump.toUnit(), last)) - jump.at();
            int word = wordAt(jump.at());
            switch (word & 0x7f) {
                case 0x63 -> set(jump.at(), word | Assembler.branchOffset(offset));
                case 0x6f -> set(jump.at(), word | Assembler.jumpOffset(offset));
                case 0x17 -> {
                    set(jump.at(), word | offset + 0x800 & 0xffff_f000);
                    set(jump.at() + 4, wordAt(jump.at() + 4) | offset << 20);
                }
                default ->
                    set(jump.at(), word | (word >>> 13 == 5 ? compressedJump(offset) : compressedBranch(offset)));
            }
        }
        for (int i = 0; i < halves.size(); i++) {
            image.putShort(position + 2 * i, halves.get(i));
        }
    }

    private static int compressedJump(int o) {
        return bit(o, 11, 12)
                | bit(o, 4, 11)
                | bit(o, 9, 10)
                | bit(o, 8, 9)
                | bit(o, 10, 8)
                | bit(o, 6, 7)
                | bit(o, 7, 6)
                | bit(o, 3, 5)
                | bit(o, 2, 4)
                | bit(o, 1, 3)
                | bit(o, 5, 2);
    }

    private static int compressedBranch(int o) {
        return bit(o, 8, 12)
                | bit(o, 4, 11)
                | bit(o, 3, 10)
                | bit(o, 7, 6)
                | bit(o, 6, 5)
                | bit(o, 2, 4)
                | bit(o, 1, 3)
                | bit(o, 5, 2);
    }

    private static int bit(int value, int from, int to) {
        return (value >>> from & 1) << to;
    }
}
