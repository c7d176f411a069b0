package dev.cprkit.vmm.device.uart;

/** The bits of a 16550A's registers (PC16550D data sheet, section 8). */
final class UartRegisters {
    static final int IER_RECEIVE = 1;
    static final int IER_TRANSMIT = 2;
    static final int IER_LINE = 4;
    static final int IER_MODEM = 8;

    static final int IIR_NONE = 1;
    static final int IIR_TRANSMIT = 2;
    static final int IIR_RECEIVE = 4;
    static final int IIR_LINE = 6;
    static final int IIR_TIMEOUT = 0xc;
    static final int IIR_ID = 0xf;
    static final int IIR_FIFOS = 0xc0;

    static final int FCR_ENABLE = 1;
    static final int FCR_CLEAR_RECEIVER = 2;
    static final int FCR_CLEAR_TRANSMITTER = 4;
    static final int FCR_KEPT = 0xc9;

    static final int LCR_DIVISOR = 0x80;

    static final int MCR_OUT2 = 8;
    static final int MCR_LOOPBACK = 0x10;
    static final int MCR_KEPT = 0x1f;

    static final int LSR_READY = 1;
    static final int LSR_OVERRUN = 2;
    static final int LSR_BREAK = 0x10;
    static final int LSR_ERRORS = 0x1e;
    static final int LSR_TRANSMITTER_EMPTY = 0x60;

    static final int MSR_DELTAS = 0x0f;
    /** Carrier, data set ready and clear to send: the other end is always there. */
    static final int MSR_CONNECTED = 0xb0;

    private UartRegisters() {}
}
