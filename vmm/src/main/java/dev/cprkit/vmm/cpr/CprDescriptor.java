package dev.cprkit.vmm.cpr;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.nio.charset.StandardCharsets;

/** One descriptor that travels, under a name and a number. Owned by one thread. */
final class CprDescriptor {
    /** QEMU's {@code cpr fd}: length of the name with its NUL, the name, the number, the descriptor. */
    static final VmState<CprDescriptor> STATE = VmState.<CprDescriptor>of("cpr fd", 1)
            .u32("namelen", d -> d.name.length, CprDescriptor::allocate)
            .varBuffer("name", d -> d.name.length, d -> d.name, (d, v) -> d.name = v)
            .s32("id", d -> d.id, (d, v) -> d.id = (int) v)
            .descriptor("fd", d -> d.fd, (d, v) -> d.fd = (int) v)
            .postLoad((d, version) -> d.check())
            .build();

    /** The longest name that is taken, in bytes: many times what a device path needs. */
    private static final int MAX_NAME = 4096;

    private byte[] name = new byte[0];
    private int id;
    private int fd = -1;

    CprDescriptor() {}

    CprDescriptor(String name, int id, int fd) {
        this.name = (name + "\0").getBytes(StandardCharsets.UTF_8);
        this.id = id;
        this.fd = fd;
    }

    String name() {
        return new String(name, 0, name.length - 1, StandardCharsets.UTF_8);
    }

    int id() {
        return id;
    }

    int fd() {
        return fd;
    }

    private void allocate(long length) {
        name = new byte[(int) Math.min(Math.max(1, length), MAX_NAME)];
    }

    private void check() throws StateException {
        if (name[name.length - 1] != 0) {
            throw new StateException("the name of a descriptor does not end with NUL within " + MAX_NAME + " bytes");
        }
    }
}
