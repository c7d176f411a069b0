package dev.cprkit.vmm.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the state that is going to be sent looks like: its sections, and the subsections and parts in them, each with its
 * version and layout. The old process sends it ahead, while the guest runs; the new one holds it against its own
 * declarations and refuses what it could not load before the guest has stopped. A part that is not needed now, but comes to be
 * until then, is seen when it is loaded.
 *
 * <p>Made and read by one thread, which may call the accessors of what it describes.
 */
public final class StateManifest {
    private static final int FORMAT = 1;

    /** What an entry is about; the order is that of the wire. */
    private enum Kind {
        SECTION,
        SUBSECTION,
        /** A declaration inside another one, whose version the stream does not tell. */
        PART
    }

    private static final Kind[] KINDS = Kind.values();

    private static final class Entry {
        private static final VmState<Entry> STATE = VmState.<Entry>of("manifest/entry", 1)
                .u8("kind", e -> e.kind, (e, v) -> e.kind = (int) v)
                .bytes("path", e -> e.path, (e, v) -> e.path = v)
                .u32("instance", e -> e.instance, (e, v) -> e.instance = (int) v)
                .u32("version", e -> e.version, (e, v) -> e.version = (int) v)
                .bytes("layout", e -> e.layout, (e, v) -> e.layout = v)
                .postLoad((e, version) -> {
                    if (e.kind >= KINDS.length) {
                        throw new StateException("the manifest has an entry of kind " + e.kind);
                    }
                })
                .build();

        private int kind;
        /** A section's name, or where in the section that was named last something is. */
        private byte[] path = {};

        private int instance;
        private int version;
        private byte[] layout = {};

        private String pathText() {
            return new String(path, StandardCharsets.UTF_8);
        }
    }

    private static final VmState<StateManifest> STATE = VmState.<StateManifest>of("manifest", 1)
            .list("entries", Entry.STATE, Entry::new, m -> m.entries, (m, v) -> m.entries = v)
            .build();

    private List<Entry> entries = new ArrayList<>();

    private StateManifest() {}

    /** Describes what these sections would send now. */
    public static StateManifest of(List<Section<?>> sections) {
        StateManifest manifest = new StateManifest();
        for (Section<?> section : sections) {
            manifest.section(section);
        }
        return manifest;
    }

    private <T> void section(Section<T> section) {
        VmState<T> type = section.type();
        if (type.needed().test(section.owner())) {
            add(Kind.SECTION, section.idstr(), section.instance(), type, type.version());
            inside("", type, section.owner(), type.version());
        }
    }

    private <T> void inside(String path, VmState<T> type, T owner, int version) {
        for (Field<T> field : type.fields()) {
            if (VmState.carries(field, owner, version)) {
                for (StateLayout.Nested<?> nested : StateLayout.nested(field, Optional.of(owner))) {
                    part(path + "/" + field.name(), nested);
                }
            }
        }
        for (VmState<T> part : type.subsections()) {
            if (part.needed().test(owner)) {
                String at = path + ">" + part.name();
                add(Kind.SUBSECTION, at, 0, part, part.version());
                inside(at, part, owner, part.version());
            }
        }
    }

    private <S> void part(String path, StateLayout.Nested<S> nested) {
        add(Kind.PART, path, 0, nested.type(), nested.version());
        for (S owner : nested.owners()) {
            inside(path, nested.type(), owner, nested.version());
        }
    }

    private void add(Kind kind, String path, int instance, VmState<?> type, int version) {
        Entry entry = new Entry();
        entry.kind = kind.ordinal();
        entry.path = path.getBytes(StandardCharsets.UTF_8);
        entry.instance = instance;
        entry.version = version;
        entry.layout = StateLayout.of(type, version).getBytes(StandardCharsets.UTF_8);
        entries.add(entry);
    }

    /** As it is sent. */
    public byte[] toByteArray() throws StateException {
        StateOutput out = StateOutput.toMemory();
        try {
            out.u32(FORMAT);
            StateEncoder.save(STATE, this, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
    }

    /**
     * Reads one that another process sent; one of a format that this version does not know says nothing.
     *
     * @throws StateException if it is none
     */
    public static StateManifest read(byte[] bytes) throws StateException {
        return read(StateInput.of(bytes));
    }

    /** As above, from where a stream stands. */
    public static StateManifest read(StateInput in) throws StateException {
        StateManifest manifest = new StateManifest();
        try {
            if (in.u32() == FORMAT) {
                StateDecoder.load(STATE, manifest, 1, in);
            }
            return manifest;
        } catch (IOException e) {
            throw new StateException("the manifest of the old process's state ends early", e);
        }
    }

    /** Why a process with these sections could not load what is described; empty if nothing is known against it. */
    public String refusal(List<Section<?>> local) {
        Map<String, StateLayout.Part> parts = Map.of();
        String name = "";
        for (Entry entry : entries) {
            String refusal;
            if (KINDS[entry.kind] == Kind.SECTION) {
                Optional<Section<?>> found = Sections.find(local, entry.pathText(), entry.instance);
                if (found.isEmpty()) {
                    return unknown(entry);
                }
                name = found.get().idstr();
                parts = StateLayout.parts(found.get().type());
                refusal = sectionRefusal(entry, name, found.get().type());
            } else {
                refusal = partRefusal(entry, name, Optional.ofNullable(parts.get(entry.pathText())));
            }
            if (!refusal.isEmpty()) {
                return refusal;
            }
        }
        return "";
    }

    private static String unknown(Entry entry) {
        return "Unknown section or instance '" + StateException.printable(entry.pathText()) + "' "
                + Integer.toUnsignedString(entry.instance)
                + ". Make sure that your current VM setup matches your saved VM setup, including any hotplugged"
                + " devices";
    }

    private static String sectionRefusal(Entry entry, String name, VmState<?> type) {
        if (Integer.compareUnsigned(entry.version, type.version()) > 0) {
            return "unsupported version " + Integer.toUnsignedString(entry.version) + " for '" + name + "' v"
                    + type.version();
        }
        return versionRefusal(entry, name, type);
    }

    private static String partRefusal(Entry entry, String section, Optional<StateLayout.Part> found) {
        String path = StateException.printable(entry.pathText());
        String last = path.substring(Math.max(path.lastIndexOf('>'), path.lastIndexOf('/')) + 1);
        boolean subsection = KINDS[entry.kind] == Kind.SUBSECTION;
        if (found.isEmpty() || found.get().subsection() != subsection) {
            return subsection
                    ? "VM subsection '" + path.substring(path.lastIndexOf('>') + 1) + "' in '" + section
                            + "' does not exist"
                    : "'" + section + "' has a part '" + last + "' that does not exist here";
        }
        VmState<?> type = found.get().type();
        if (!subsection && entry.version != found.get().version()) {
            return "part '" + last + "' of '" + section + "' has version " + Integer.toUnsignedString(entry.version)
                    + ", and here it has " + found.get().version();
        }
        return versionRefusal(entry, type.name(), type);
    }

    private static String versionRefusal(Entry entry, String name, VmState<?> type) {
        if (Integer.compareUnsigned(entry.version, type.version()) > 0) {
            return name + ": incoming version_id " + Integer.toUnsignedString(entry.version)
                    + " is too new for local version_id " + type.version();
        }
        if (entry.version < type.minimumVersion()) {
            return name + ": incoming version_id " + entry.version + " is too old for local minimum version_id "
                    + type.minimumVersion();
        }
        String local = StateLayout.of(type, entry.version);
        if (!local.equals(new String(entry.layout, StandardCharsets.UTF_8))) {
            return name + ": version_id " + entry.version + " has other fields than the local one of that number";
        }
        return "";
    }
}
