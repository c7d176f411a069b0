package dev.cprkit.it.conformance;

import java.util.List;

/**
 * A program on which the cases are tried.
 *
 * @param kind which one
 * @param command how it is started, without its options
 */
record Subject(Kind kind, List<String> command) {
    /** The programs whose behaviour is known. */
    enum Kind {
        /** This project's emulator, from the classes under test. */
        VMM("vmm"),
        /** Debian trixie's, the first release with cpr-transfer. */
        QEMU_10("QEMU 10.0"),
        /** Debian sid's, which the reference describes. */
        QEMU_11("QEMU 11.1");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    boolean isVmm() {
        return kind == Kind.VMM;
    }

    /** Whether texts and events are those of QEMU 10.0; all later ones agree with 11.1. */
    boolean isOld() {
        return kind == Kind.QEMU_10;
    }

    /** One of two values, by {@link #isOld}. */
    <T> T since11(T before, T since) {
        return isOld() ? before : since;
    }
}
