package dev.cprkit.vmm.monitor.hmp;

/**
 * Makes keys of the bytes that a terminal sends, however they were cut: UTF-8 characters (RFC 3629) and the escape
 * sequences of arrows and the like (ECMA-48, section 5.4). What is neither is dropped.
 */
final class KeyDecoder {
    private static final int ESCAPE = 27;
    private static final int MAX_SEQUENCE = 16;

    /** Who is told of keys. */
    interface Keys {
        /** A character, control characters included. */
        void character(int codePoint);

        /** An escape sequence, what follows {@code ESC [} or {@code ESC O}: {@code A}, {@code 3~}. */
        void sequence(String text);
    }

    private enum State {
        PLAIN,
        /** Behind an escape. */
        ESCAPED,
        /** In a control sequence, which a byte from @ to ~ ends. */
        SEQUENCE,
        /** In a character of several bytes. */
        CHARACTER
    }

    private final Keys keys;
    private final StringBuilder sequence = new StringBuilder();
    private State state = State.PLAIN;
    private int codePoint;
    private int least;
    private int missing;

    KeyDecoder(Keys keys) {
        this.keys = keys;
    }

    void take(byte key) {
        int value = key & 0xff;
        switch (state) {
            case PLAIN -> plain(value);
            case ESCAPED -> {
                sequence.setLength(0);
                state = value == '[' || value == 'O' ? State.SEQUENCE : State.PLAIN;
            }
            case SEQUENCE -> {
                sequence.append((char) value);
                if (value >= '@' && value <= '~') {
                    state = State.PLAIN;
                    keys.sequence(sequence.toString());
                } else if (sequence.length() > MAX_SEQUENCE) {
                    state = State.PLAIN;
                }
            }
            case CHARACTER -> following(value);
        }
    }

    private void plain(int value) {
        if (value == ESCAPE) {
            state = State.ESCAPED;
        } else if (value < 0x80) {
            keys.character(value);
        } else if (value >= 0xf0 && value < 0xf8) {
            begin(value & 7, 3, 0x10000);
        } else if (value >= 0xe0 && value < 0xf0) {
            begin(value & 15, 2, 0x800);
        } else if (value >= 0xc0 && value < 0xe0) {
            begin(value & 31, 1, 0x80);
        }
    }

    private void begin(int bits, int following, int smallest) {
        codePoint = bits;
        missing = following;
        least = smallest;
        state = State.CHARACTER;
    }

    private void following(int value) {
        if ((value & 0xc0) != 0x80) {
            state = State.PLAIN; // the character was cut off; this byte begins something else
            plain(value);
            return;
        }
        codePoint = codePoint << 6 | value & 0x3f;
        if (--missing == 0) {
            state = State.PLAIN;
            boolean surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
            if (codePoint >= least && codePoint <= Character.MAX_CODE_POINT && !surrogate) {
                keys.character(codePoint);
            }
        }
    }
}
