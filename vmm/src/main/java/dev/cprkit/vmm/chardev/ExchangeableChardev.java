package dev.cprkit.vmm.chardev;

import java.util.Optional;

/**
 * What the user of a chardev holds: it leads to the chardev of that id, and to another one after chardev-change. It owns
 * the one behind it.
 */
final class ExchangeableChardev implements Chardev {
    private Chardev current;
    private Optional<Frontend> frontend = Optional.empty();

    ExchangeableChardev(Chardev first) {
        current = first;
    }

    /** Whether its user, if there is one, bears that another chardev takes its place. */
    boolean bearsExchange() {
        return frontend.isEmpty() || frontend.get().bearsExchange();
    }

    /** Closes the chardev behind this one; the next one serves its user. */
    void exchange(Chardev next) {
        current.close();
        current = next;
        frontend.ifPresent(next::attach);
    }

    @Override
    public String label() {
        return current.label();
    }

    @Override
    public String filename() {
        return current.filename();
    }

    @Override
    public boolean frontendOpen() {
        return current.frontendOpen();
    }

    @Override
    public void attach(Frontend end) {
        frontend = Optional.of(end);
        current.attach(end);
    }

    @Override
    public void detach() {
        frontend = Optional.empty();
        current.detach();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        current.write(bytes, offset, length);
    }

    @Override
    public int queued() {
        return current.queued();
    }

    @Override
    public boolean isShared() {
        return current.isShared();
    }

    @Override
    public void acceptInput() {
        current.acceptInput();
    }

    @Override
    public int[] takeDescriptors() {
        return current.takeDescriptors();
    }

    @Override
    public void disconnect() {
        current.disconnect();
    }

    @Override
    public void sendBreak() {
        current.sendBreak();
    }

    @Override
    public void flush(long deadline) {
        current.flush(deadline);
    }

    @Override
    public void lendTerminal(boolean lend) {
        current.lendTerminal(lend);
    }

    @Override
    public void close() {
        current.close();
    }
}
