package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;
import java.util.Optional;

/** A chardev over descriptors that are open as long as it is: files and the standard streams. */
abstract class FdChardev extends LinkedChardev {
    private final String name;

    FdChardev(String label, String name, Optional<ChardevLog> log, EventLoop loop, Port port) throws ChardevException {
        super(label, log);
        this.name = name;
        connect(new Link(loop, port, this));
    }

    @Override
    public String filename() {
        return name;
    }

    @Override
    public void ended() {
        frontend().ifPresent(Frontend::closed);
    }

    @Override
    public void broken(String why) {
        System.err.println("vmm: warning: chardev " + label() + ": output ends: " + why);
    }
}
