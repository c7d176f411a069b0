package dev.cprkit.vmm.device.uart;

import static dev.cprkit.vmm.device.uart.UartRegisters.*;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;
import java.util.List;

/**
 * A 16550A serial line (National Semiconductor PC16550D data sheet), one byte per register, 16-byte receive FIFO.
 *
 * <p>The transmitter is always ready: a byte goes to the chardev as it is written, and the chardev never makes the guest
 * wait. The receiver holds input back instead of overrunning: it asks the chardev for no more than brings the FIFO to
 * its trigger level, then for one byte at a time. A byte that stays in the FIFO below the trigger level raises the
 * time-out interrupt after four character times.
 *
 * <p>Called with the machine lock held.
 */
public final class Uart16550 implements Device, MmioRegion, Chardev.Frontend {
    /** Where the board {@code virt} has it. */
    public static final long BASE = 0x1000_0000L;
    /** Bytes of registers. */
    public static final long SIZE = 8;
    /** Its interrupt source on the board {@code virt}. */
    public static final int IRQ = 10;
    /** The input clock in Hz; the baud rate is a sixteenth of it over the divisor. */
    public static final int CLOCK_FREQUENCY = 3_686_400;

    private static final long NODE_SIZE = 0x100L;
    private static final int RESET_DIVISOR = 12;
    private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

    private final IrqLine irq;
    private final Chardev chardev;
    private final byte[] out = new byte[1];

    private final ReceiveFifo fifo;
    private int divisor;
    private int received;
    private int ier;
    private int iir;
    private int fcr;
    private int lcr;
    private int mcr;
    private int lsr;
    private int msr;
    private int scratch;
    /** The transmitter has become empty since IIR last said so. */
    private boolean transmitPending;

    /** Set while the fields are read that tell whether {@link #transmitPending} was received. */
    private boolean transmitPendingLoaded;
    /** The chardev was told that there is no room, and must be told when there is. */
    private boolean heldBack;

    private boolean held;

    private static final VmState<Uart16550> REGISTERS = VmState.<Uart16550>of("serial", 3)
            .minimum(2)
            .u16("divider", u -> u.divisor, (u, v) -> u.divisor = (int) v)
            .u8("rbr", u -> u.received, (u, v) -> u.received = (int) v)
            .u8("ier", u -> u.ier, (u, v) -> u.ier = (int) v & 0xf)
            .u8("iir", u -> u.iir, (u, v) -> u.iir = (int) v)
            .u8("lcr", u -> u.lcr, (u, v) -> u.lcr = (int) v)
            .u8("mcr", u -> u.mcr, (u, v) -> u.mcr = (int) v)
            .u8("lsr", u -> u.lsr, (u, v) -> u.lsr = (int) v)
            .u8("msr", u -> u.msr, (u, v) -> u.msr = (int) v)
            .u8("scr", u -> u.scratch, (u, v) -> u.scratch = (int) v)
            .since(3)
            .u8("fcr_vmstate", u -> u.fcr, (u, v) -> u.fcr = (int) v & FCR_KEPT)
            .subsection(VmState.<Uart16550>of("serial/thr_ipending", 1)
                    .s32("thr_ipending", u -> u.transmitPending ? 1 : 0, Uart16550::loadTransmitPending)
                    .needed(u -> u.transmitPending != u.transmitPendingByRegisters())
                    .build())
            .subsection(VmState.<Uart16550>of("serial/recv_fifo", 1)
                    .struct("recv_fifo", ReceiveFifo.STATE, u -> u.fifo)
                    .needed(u -> u.fifo.size() > 0)
                    .build())
            .subsection(VmState.<Uart16550>of("serial/fifo_timeout_timer", 1)
                    .timer("fifo_timeout_timer", u -> u.fifo.deadline(), (u, v) -> u.fifo.loadDeadline(v))
                    .needed(u -> u.fifo.deadline() >= 0)
                    .build())
            .subsection(VmState.<Uart16550>of("serial/timeout_ipending", 1)
                    .s32("timeout_ipending", u -> u.fifo.hasTimedOut() ? 1 : 0, (u, v) -> u.fifo.loadTimedOut(v != 0))
                    .needed(u -> u.fifo.hasTimedOut())
                    .build())
            .preLoad(Uart16550::clearOptionalState)
            .postLoad((u, version) -> u.loaded())
            .build();

    private static final VmState<Uart16550> STATE = VmState.<Uart16550>of("serial", 3)
            .minimum(2)
            .struct("serial", REGISTERS, u -> u)
            .build();

    /** Attaches itself to the chardev. {@code clock} is guest time. */
    public Uart16550(IrqLine irq, Chardev chardev, Clock clock) {
        this.irq = irq;
        this.chardev = chardev;
        this.fifo = new ReceiveFifo(clock, this::update);
        powerOn();
        chardev.attach(this);
    }

    @Override
    public long read(long offset, int size) {
        boolean divisorAccess = (lcr & LCR_DIVISOR) != 0;
        return switch ((int) offset) {
            case 0 -> divisorAccess ? divisor & 0xff : readReceived();
            case 1 -> divisorAccess ? divisor >> 8 : ier;
            case 2 -> readIdentification();
            case 3 -> lcr;
            case 4 -> mcr;
            case 5 -> readLineStatus();
            case 6 -> readModemStatus();
            case 7 -> scratch;
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long wide) {
        int value = (int) wide & 0xff;
        boolean divisorAccess = (lcr & LCR_DIVISOR) != 0;
        switch ((int) offset) {
            case 0 -> {
                if (divisorAccess) {
                    divisor = (divisor & 0xff00) | value;
                } else {
                    transmit(value);
                }
            }
            case 1 -> {
                if (divisorAccess) {
                    divisor = (divisor & 0xff) | (value << 8);
                } else {
                    writeInterruptEnable(value & 0xf);
                }
            }
            case 2 -> writeFifoControl(value);
            case 3 -> lcr = value;
            case 4 -> writeModemControl(value & MCR_KEPT);
            case 7 -> scratch = value;
            default -> {}
        }
    }

    private int readReceived() {
        if (!fifosEnabled()) {
            int value = received;
            lsr &= ~(LSR_READY | LSR_BREAK);
            update();
            resumeInput();
            return value;
        }
        int value = fifo.take(characterTime());
        if (fifo.size() == 0) {
            lsr &= ~(LSR_READY | LSR_BREAK);
        }
        update();
        resumeInput();
        return value;
    }

    private void transmit(int value) {
        transmitPending = true;
        if ((mcr & MCR_LOOPBACK) != 0) {
            accept(value);
        } else {
            out[0] = (byte) value;
            chardev.write(out, 0, 1);
        }
        update();
    }

    /** Enabling the transmitter's interrupt raises it, since the transmitter is empty: Linux tests for that. */
    private void writeInterruptEnable(int value) {
        if (((ier ^ value) & IER_TRANSMIT) != 0) {
            transmitPending = (value & IER_TRANSMIT) != 0;
        }
        ier = value;
        update();
    }

    private int readIdentification() {
        int value = iir;
        if ((value & IIR_ID) == IIR_TRANSMIT) {
            transmitPending = false;
            update();
        }
        return value;
    }

    private void writeFifoControl(int value) {
        boolean switched = ((fcr ^ value) & FCR_ENABLE) != 0;
        if (switched || (value & FCR_CLEAR_RECEIVER) != 0) {
            fifo.clear();
            lsr &= ~(LSR_READY | LSR_BREAK);
        }
        if (switched || (value & FCR_CLEAR_TRANSMITTER) != 0) {
            transmitPending = true;
        }
        fcr = value & FCR_KEPT;
        update();
        resumeInput();
    }

    private void writeModemControl(int value) {
        boolean opened = (mcr & MCR_LOOPBACK) != 0 && (value & MCR_LOOPBACK) == 0;
        mcr = value;
        if (opened) {
            resumeInput();
        }
    }

    private int readLineStatus() {
        int value = lsr;
        if ((value & (LSR_OVERRUN | LSR_BREAK)) != 0) {
            lsr &= ~(LSR_OVERRUN | LSR_BREAK);
            update();
        }
        return value;
    }

    private int readModemStatus() {
        if ((mcr & MCR_LOOPBACK) != 0) {
            // RTS drives CTS, DTR drives DSR, OUT1 drives RI and OUT2 drives DCD.
            return ((mcr & 2) << 3) | ((mcr & 1) << 5) | ((mcr & 4) << 4) | ((mcr & 8) << 4);
        }
        int value = msr;
        if ((value & MSR_DELTAS) != 0) {
            msr &= ~MSR_DELTAS;
            update();
        }
        return value;
    }

    /** In loopback the line is disconnected, so input waits. */
    @Override
    public int canReceive() {
        int room;
        if (held || (mcr & MCR_LOOPBACK) != 0) {
            room = 0;
        } else if (!fifosEnabled()) {
            room = (lsr & LSR_READY) == 0 ? 1 : 0;
        } else if (fifo.isFull()) {
            room = 0;
        } else {
            room = Math.max(1, triggerLevel() - fifo.size());
        }
        heldBack |= room == 0;
        return room;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            accept(bytes[i] & 0xff);
        }
        update();
    }

    /** The other end held its line low: a zero byte and the break bit. */
    @Override
    public void lineBroke() {
        accept(0);
        lsr |= LSR_BREAK;
        update();
    }

    @Override
    public boolean bearsExchange() {
        return true;
    }

    private void accept(int value) {
        if (fifosEnabled()) {
            if (!fifo.add(value, characterTime())) {
                lsr |= LSR_OVERRUN;
            }
        } else {
            if ((lsr & LSR_READY) != 0) {
                lsr |= LSR_OVERRUN;
            }
            received = value;
        }
        lsr |= LSR_READY;
    }

    /** Makes input wait at the chardev, for as long as a guest is on its way into this process; or lets it go on. */
    public void holdInput(boolean hold) {
        held = hold;
        if (!hold) {
            resumeInput();
        }
    }

    private void resumeInput() {
        if (heldBack) {
            heldBack = false;
            chardev.acceptInput();
        }
    }

    /** In ns: start bit, 5 to 8 data bits, parity, 1 or 2 stop bits; each lasts 16 * divisor input clocks. */
    private long characterTime() {
        int bits = 1 + 5 + (lcr & 3) + ((lcr & 8) >> 3) + 1 + ((lcr & 4) >> 2);
        return bits * 16L * Math.max(1, divisor) * 1_000_000_000L / CLOCK_FREQUENCY;
    }

    private boolean fifosEnabled() {
        return (fcr & FCR_ENABLE) != 0;
    }

    private int triggerLevel() {
        return TRIGGER_LEVELS[fcr >> 6];
    }

    private void update() {
        int cause = cause();
        iir = cause | (fifosEnabled() ? IIR_FIFOS : 0);
        irq.set(cause != IIR_NONE);
    }

    /** The most urgent reason for an interrupt, in the data sheet's order. */
    private int cause() {
        if ((ier & IER_LINE) != 0 && (lsr & LSR_ERRORS) != 0) {
            return IIR_LINE;
        }
        if ((ier & IER_RECEIVE) != 0) {
            if ((lsr & LSR_READY) != 0 && (!fifosEnabled() || fifo.size() >= triggerLevel())) {
                return IIR_RECEIVE;
            }
            if (fifo.hasTimedOut()) {
                return IIR_TIMEOUT;
            }
        }
        if ((ier & IER_TRANSMIT) != 0 && transmitPending) {
            return IIR_TRANSMIT;
        }
        return (ier & IER_MODEM) != 0 && (msr & MSR_DELTAS) != 0 ? 0 : IIR_NONE;
    }

    private boolean transmitPendingByRegisters() {
        return (ier & IER_TRANSMIT) != 0 && (iir & IIR_ID) == IIR_TRANSMIT;
    }

    private void clearOptionalState() {
        transmitPendingLoaded = false;
        fifo.clear();
        fcr = 0;
    }

    private void loadTransmitPending(long value) {
        transmitPending = value != 0;
        transmitPendingLoaded = true;
    }

    private void loaded() {
        if (!transmitPendingLoaded) {
            transmitPending = transmitPendingByRegisters();
        }
        update();
        heldBack = true;
        resumeInput();
    }

    private void powerOn() {
        fifo.clear();
        divisor = RESET_DIVISOR;
        received = 0;
        ier = 0;
        fcr = 0;
        lcr = 0;
        mcr = MCR_OUT2;
        lsr = LSR_TRANSMITTER_EMPTY;
        msr = MSR_CONNECTED;
        scratch = 0;
        transmitPending = false;
        update();
    }

    @Override
    public void reset() {
        powerOn();
        resumeInput();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.of(STATE, this));
    }

    /** Adds the line's node. */
    public static void describe(FdtNode parent, int interruptParent) {
        parent.child("serial@" + Long.toHexString(BASE))
                .cells("interrupts", IRQ)
                .cells("interrupt-parent", interruptParent)
                .cells("clock-frequency", CLOCK_FREQUENCY)
                .reg(BASE, NODE_SIZE)
                .strings("compatible", "ns16550a");
    }
}
