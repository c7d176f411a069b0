package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;
import java.util.Optional;

/**
 * A chardev that leads to the host through a {@link Link}, always or while somebody is at the other end: the frontend's
 * bytes go to the link, and the link's to the frontend. It owns the link.
 */
abstract class LinkedChardev extends BaseChardev implements Link.Owner {
    private Optional<Link> link = Optional.empty();

    LinkedChardev(String label, Optional<ChardevLog> log) throws ChardevException {
        super(label, log);
    }

    /** There is a way to the host from here on. */
    final void connect(Link made) {
        link = Optional.of(made);
        frontend().ifPresent(Frontend::opened);
        acceptInput();
    }

    /** Closes the way to the host and tells the frontend; false, and nothing is done, if there is none. */
    final boolean leave() {
        if (link.isEmpty()) {
            return false;
        }
        link.get().close();
        link = Optional.empty();
        frontend().ifPresent(Frontend::closed);
        return true;
    }

    /** Whether there is a way to the host. */
    final boolean isConnected() {
        return link.isPresent();
    }

    @Override
    public final int queued() {
        return link.isPresent() ? link.get().queued() : 0;
    }

    @Override
    public final void acceptInput() {
        link.ifPresent(Link::acceptInput);
    }

    @Override
    public final void flush(long deadline) {
        if (link.isPresent()) {
            link.get().flush(deadline);
        }
    }

    @Override
    public void close() {
        link.ifPresent(Link::close);
        link = Optional.empty();
        super.close();
    }

    @Override
    void moveTo(EventLoop next) {
        if (link.isPresent()) {
            link.get().moveTo(next);
        }
    }

    @Override
    final void attached(Frontend end) {
        if (link.isPresent()) {
            end.opened();
            acceptInput();
        }
    }

    @Override
    final void transmit(byte[] bytes, int offset, int length) {
        if (link.isPresent() && !link.get().write(bytes, offset, length, outputLimit())) {
            frontend().ifPresent(Frontend::overflowed);
        }
    }

    @Override
    public final int room() {
        return frontend().isPresent() ? frontend().get().canReceive() : 0;
    }

    @Override
    public final void input(byte[] bytes, int length) {
        frontend().orElseThrow().receive(bytes, length);
    }

    @Override
    public final void drained() {
        frontend().ifPresent(Frontend::drained);
    }
}
