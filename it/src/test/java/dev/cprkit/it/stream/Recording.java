package dev.cprkit.it.stream;

import dev.cprkit.proto.os.Fds;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came out of a process in a live update: CPR state, the descriptors by the place of the byte that they were
 * attached to, and the main stream. Owns the descriptors.
 */
public record Recording(byte[] cpr, Map<Integer, Integer> descriptors, byte[] main) implements AutoCloseable {
    /** The same with another CPR state, which has its descriptors at the same places as far as it has them. */
    public Recording withCpr(byte[] other) {
        return new Recording(other, descriptors, main);
    }

    public Recording withMain(byte[] other) {
        return new Recording(cpr, descriptors, other);
    }

    /** The same without the descriptors. */
    public Recording withoutDescriptors() {
        return new Recording(cpr, Map.of(), main);
    }

    /** The same with one descriptor, at that place of the CPR state, in place of its own. */
    public Recording withDescriptor(int at, int fd) {
        Map<Integer, Integer> changed = new TreeMap<>(descriptors);
        changed.put(at, fd);
        return new Recording(cpr, changed, main);
    }

    /** The same without one entry of the CPR state and its descriptor, which stays this recording's. */
    public Recording without(String name) {
        CprStateStream state = CprStateStream.of(cpr, CprStateStream.Form.ATTACHED);
        CprStateStream.Entry entry = state.entry(name);
        int end = entry.at() + 1;
        int length = end - entry.start();
        byte[] shorter = new byte[cpr.length - length];
        System.arraycopy(cpr, 0, shorter, 0, entry.start());
        System.arraycopy(cpr, end, shorter, entry.start(), cpr.length - end);
        Map<Integer, Integer> moved = new TreeMap<>();
        descriptors.forEach((at, fd) -> {
            if (at != entry.at()) {
                moved.put(at < entry.start() ? at : at - length, fd);
            }
        });
        return new Recording(shorter, moved, main);
    }

    @Override
    public void close() {
        descriptors.values().forEach(Fds::close);
    }
}
