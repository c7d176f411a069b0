package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Shares one chardev between several frontends, as {@code -nographic} shares the terminal between the serial line and
 * the monitor. All their output goes to the host; its input goes to the one that has the focus. Ctrl-A is an escape:
 * with C the focus moves on, with X the process ends, with B the frontend gets a break, with T lines get the time in front,
 * with H there is help, twice it is one Ctrl-A for the frontend.
 *
 * <p>Input that a frontend does not take at once is kept for it, so that the escapes work even when a guest is stuck.
 * Main loop's thread with the machine lock held; output also from a vCPU that holds it.
 */
final class MuxChardev implements Chardev.Frontend {
    private static final byte ESCAPE = 1;
    private static final int MAX_PENDING = 4096;

    private final String label;
    private final Chardev base;
    private final Runnable terminate;
    private final List<MuxChannel> channels = new ArrayList<>();
    private final LineTimestamps timestamps;
    private int focus;
    private boolean escaped;
    private boolean open;

    /** Attaches itself to {@code base}, which it does not own. {@code terminate} is what Ctrl-A X does. */
    MuxChardev(String label, Chardev base, Runnable terminate, Clock clock) {
        this.timestamps = new LineTimestamps(clock);
        this.label = label;
        this.base = base;
        this.terminate = terminate;
        base.attach(this);
    }

    String label() {
        return label;
    }

    /** A new place for a frontend. */
    Chardev channel() {
        MuxChannel channel = new MuxChannel(this, base);
        channels.add(channel);
        return channel;
    }

    /** Whether somebody has a place here. */
    boolean used() {
        return !channels.isEmpty();
    }

    boolean frontendOpen() {
        return !channels.isEmpty() && channels.get(focus).frontendOpen();
    }

    @Override
    public int canReceive() {
        return channels.isEmpty() ? 0 : MAX_PENDING - channels.get(focus).pending();
    }

    @Override
    public void receive(byte[] bytes, int length) {
        int from = 0;
        for (int i = 0; i < length; i++) {
            if (escaped) {
                escaped = false;
                from = bytes[i] == ESCAPE ? i : i + 1;
                if (bytes[i] != ESCAPE) {
                    escape(bytes[i]);
                }
            } else if (bytes[i] == ESCAPE) {
                channels.get(focus).input(bytes, from, i);
                escaped = true;
                from = i + 1;
            }
        }
        if (from < length) {
            channels.get(focus).input(bytes, from, length);
        }
    }

    @Override
    public void opened() {
        open = true;
        for (MuxChannel channel : channels) {
            channel.frontend().ifPresent(Chardev.Frontend::opened);
        }
    }

    @Override
    public void closed() {
        open = false;
        for (MuxChannel channel : channels) {
            channel.frontend().ifPresent(Chardev.Frontend::closed);
        }
    }

    @Override
    public int outputLimit() {
        int limit = Chardev.Frontend.super.outputLimit();
        for (MuxChannel channel : channels) {
            limit = Math.max(limit, channel.outputLimit());
        }
        return limit;
    }

    @Override
    public void drained() {
        for (MuxChannel channel : channels) {
            channel.frontend().ifPresent(Chardev.Frontend::drained);
        }
    }

    /** Output of one of the channels. */
    void write(byte[] bytes, int offset, int length) {
        if (timestamps.on()) {
            byte[] stamped = timestamps.stamp(bytes, offset, length);
            base.write(stamped, 0, stamped.length);
        } else {
            base.write(bytes, offset, length);
        }
    }

    @Override
    public void lineBroke() {
        if (!channels.isEmpty()) {
            channels.get(focus).frontend().ifPresent(Chardev.Frontend::lineBroke);
        }
    }

    /** A channel has got its frontend. */
    void attached(MuxChannel channel, Chardev.Frontend end) {
        int index = channels.indexOf(channel);
        if (index == focus || end.wantsFocus()) {
            moveFocus(index);
        }
        if (open) {
            end.opened();
        }
        base.acceptInput();
    }

    private void escape(byte key) {
        switch (key) {
            case 'c' -> {
                print("\r\n");
                moveFocus((focus + 1) % channels.size());
            }
            case 'x' -> {
                print("vmm: terminated by Ctrl-A X\r\n");
                terminate.run();
            }
            case 'b' -> channels.get(focus).frontend().ifPresent(Chardev.Frontend::lineBroke);
            case 't' -> timestamps.toggle();
            case 's' -> {
                // Writes the disks' changes into their files: there are no disks.
            }
            case 'h', '?' -> {
                print("\r\nC-a h  this help\r\n");
                print("C-a x  end the emulator\r\n");
                print("C-a s  write the disks' changes into their files\r\n");
                print("C-a t  switch the time in front of lines on or off\r\n");
                print("C-a b  send a break\r\n");
                print("C-a c  switch between monitor and console\r\n");
                print("C-a C-a  send Ctrl-A\r\n");
            }
            default -> print("\r\nC-a h shows what can follow Ctrl-A\r\n");
        }
    }

    private void moveFocus(int index) {
        if (focus != index) {
            channels.get(focus).frontend().ifPresent(end -> end.focus(false));
        }
        focus = index;
        channels.get(focus).frontend().ifPresent(end -> end.focus(true));
    }

    private void print(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        write(bytes, 0, bytes.length);
    }
}
