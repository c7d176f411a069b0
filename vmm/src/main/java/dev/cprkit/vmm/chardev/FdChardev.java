package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;
import java.util.Optional;

/** A chardev over descriptors that are open as long as it is: files and the standard streams. */
abstract class FdChardev extends BaseChardev implements Link.Owner {
    private final Link link;
    private final String name;

    FdChardev(String label, String name, Optional<ChardevLog> log, EventLoop loop, Port port) throws ChardevException {
        super(label, log);
        this.name = name;
        this.link = new Link(loop, port, this);
    }

    @Override
    public String filename() {
        return name;
    }

    @Override
    public int queued() {
        return link.queued();
    }

    @Override
    public void acceptInput() {
        link.acceptInput();
    }

    @Override
    public void flush(long deadline) {
        link.flush(deadline);
    }

    @Override
    public void close() {
        link.close();
        super.close();
    }

    @Override
    void moveTo(EventLoop loop) {
        link.moveTo(loop);
    }

    @Override
    void attached(Frontend end) {
        end.opened();
        link.acceptInput();
    }

    @Override
    void transmit(byte[] bytes, int offset, int length) {
        if (!link.write(bytes, offset, length, outputLimit()) && frontend().isPresent()) {
            frontend().get().overflowed();
        }
    }

    @Override
    public int room() {
        return frontend().isPresent() ? frontend().get().canReceive() : 0;
    }

    @Override
    public void input(byte[] bytes, int length) {
        frontend().orElseThrow().receive(bytes, length);
    }

    @Override
    public void ended() {
        frontend().ifPresent(Frontend::closed);
    }

    @Override
    public void broken(String why) {
        System.err.println("vmm: warning: chardev " + label() + ": output ends: " + why);
    }

    @Override
    public void drained() {
        frontend().ifPresent(Frontend::drained);
    }
}
