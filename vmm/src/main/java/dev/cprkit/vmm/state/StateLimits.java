package dev.cprkit.vmm.state;

/**
 * The most of anything whose count travels: far more than any device has, far less than would exhaust the heap. A stream
 * is not believed beyond them.
 */
final class StateLimits {
    /** Bytes of a buffer. */
    static final int MAX_BYTES = 64 << 20;
    /** Numbers of an array, and words of a bitmap. */
    static final int MAX_NUMBERS = 1 << 20;
    /** Parts of a list, an array or a tree. */
    static final int MAX_ELEMENTS = 1 << 16;
    /** Bytes of a text behind its length in one byte. */
    static final int MAX_TEXT = 255;

    private static final int WORD = 64;

    private StateLimits() {}

    static int bytes(String field, long length) throws StateException {
        return within(field, length, MAX_BYTES, "bytes");
    }

    static int numbers(String field, long count) throws StateException {
        return within(field, count, MAX_NUMBERS, "elements");
    }

    static int elements(String field, long count) throws StateException {
        return within(field, count, MAX_ELEMENTS, "elements");
    }

    /** How many 64-bit words the bits of a bitmap take. */
    static int words(Field.Bitmap<?> field, long bits) throws StateException {
        return (within(field.name(), bits, (long) MAX_NUMBERS * WORD, "bits") + WORD - 1) / WORD;
    }

    private static int within(String field, long count, long most, String what) throws StateException {
        if (count < 0 || count > most) {
            throw new StateException(
                    field + " has " + Long.toUnsignedString(count) + " " + what + "; at most " + most + " can travel");
        }
        return (int) count;
    }

    /** The count that was sent before is the number of elements that are there. */
    static void same(String field, long announced, int present) throws StateException {
        if (announced != present) {
            throw new StateException(field + " has " + present + " elements, but its count says " + announced);
        }
    }
}
