package dev.cprkit.vmm.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Everything of a machine that travels, each under a name and number that no other has (reference/qemu-cpr.md, section
 * 3.4). Devices register when they are made, and are taken out when they are unplugged. Main loop's thread.
 */
public final class Sections {
    private static final Comparator<Section<?>> BY_PRIORITY =
            Comparator.comparing(section -> section.type().priority(), Comparator.reverseOrder());

    private final List<Section<?>> registered = new ArrayList<>();

    /**
     * Files a section and gives it the number that it left open: one more than the largest of the same name, from 0.
     *
     * @return the section with its numbers
     * @throws IllegalStateException if another has the same name and number
     */
    public <T> Section<T> register(Section<T> wanted) {
        int instance = wanted.instance() == Section.ANY ? next(wanted.idstr()) : wanted.instance();
        Optional<Section.Compat> compat = wanted.compat();
        if (compat.isPresent() && compat.get().instance() == Section.ANY) {
            String name = compat.get().idstr();
            compat = Optional.of(new Section.Compat(name, nextCompat(name)));
        }
        Section<T> section =
                new Section<>(wanted.idstr(), instance, wanted.type(), wanted.owner(), wanted.alias(), compat);
        if (exact(registered, section.idstr(), instance).isPresent()) {
            throw new IllegalStateException("Detected duplicate SaveStateEntry: id=" + section.idstr()
                    + ", instance_id=0x" + Integer.toHexString(instance));
        }
        registered.add(section);
        return section;
    }

    /** Takes out all sections of an object; harmless if it has none. */
    public void unregister(Object owner) {
        registered.removeIf(section -> section.owner() == owner);
    }

    /** All sections in the order of the stream. */
    public List<Section<?>> inOrder() {
        return inOrder(registered);
    }

    /** The sections in the order of the stream: by priority, and as they are listed where that is the same. */
    public static List<Section<?>> inOrder(List<Section<?>> sections) {
        List<Section<?>> sorted = new ArrayList<>(sections);
        sorted.sort(BY_PRIORITY);
        return sorted;
    }

    /** The section that a stream means by that name and number; its own name comes before an old one of another. */
    public static Optional<Section<?>> find(List<Section<?>> sections, String idstr, int instance) {
        Optional<Section<?>> own = exact(sections, idstr, instance);
        if (own.isPresent()) {
            return own;
        }
        for (Section<?> section : sections) {
            if (section.answersTo(idstr, instance)) {
                return Optional.of(section);
            }
        }
        return Optional.empty();
    }

    private static Optional<Section<?>> exact(List<Section<?>> sections, String idstr, int instance) {
        for (Section<?> section : sections) {
            if (section.instance() == instance && section.idstr().equals(idstr)) {
                return Optional.of(section);
            }
        }
        return Optional.empty();
    }

    private int next(String idstr) {
        int free = 0;
        for (Section<?> section : registered) {
            if (section.idstr().equals(idstr) && Integer.compareUnsigned(section.instance(), free) >= 0) {
                free = after(section.instance(), idstr);
            }
        }
        return free;
    }

    private int nextCompat(String idstr) {
        int free = 0;
        for (Section<?> section : registered) {
            if (section.compat().isPresent()) {
                Section.Compat compat = section.compat().get();
                if (compat.idstr().equals(idstr) && Integer.compareUnsigned(compat.instance(), free) >= 0) {
                    free = after(compat.instance(), idstr);
                }
            }
        }
        return free;
    }

    private static int after(int instance, String idstr) {
        if (instance + 1 == Section.ANY) {
            throw new IllegalStateException("no instance number is left for '" + idstr + "'");
        }
        return instance + 1;
    }
}
