package dev.cprkit.vmm.memory;

import dev.cprkit.proto.os.Fds;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Descriptors by name, as live update keeps them; {@link #close} closes them, since no process ends here. */
final class KeptDescriptors implements CprDescriptors, AutoCloseable {
    final Map<String, Integer> fds = new LinkedHashMap<>();

    @Override
    public OptionalInt find(String name, int id) {
        Integer fd = fds.get(name);
        return fd == null || id != 0 ? OptionalInt.empty() : OptionalInt.of(fd);
    }

    @Override
    public void save(String name, int id, int fd) {
        if (id != 0 || fds.putIfAbsent(name, fd) != null) {
            throw new IllegalStateException(name + " is kept already");
        }
    }

    @Override
    public void forget(String name, int id) {
        fds.remove(name);
    }

    @Override
    public void close() {
        fds.values().forEach(Fds::close);
    }
}
