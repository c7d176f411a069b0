package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.migration.ram.PageFile;
import dev.cprkit.vmm.migration.ram.RamFormat;
import dev.cprkit.vmm.migration.ram.RamLoader;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.Sections;
import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a main stream into this machine, up to the byte that ends it, with QEMU's checks and texts (reference/
 * qemu-cpr.md, sections 3.2 to 3.5). The guest has not run here. If it throws, the machine is half loaded and must never
 * run.
 *
 * <p>Threads: RAM may be loaded on any, since nobody else has to do with it yet; the rest on the main loop's.
 */
final class StreamReader {
    /** What the stream asks of whoever owns the connection. */
    interface ReturnPath {
        /** Opens the way back. */
        void open();

        /** Answers a ping. */
        void pong(int value) throws IOException;
    }

    private static final int[] COMMAND_LENGTHS = {-1, 0, 4, -1, 0, 0, -1, 4, 0, 0, -1, 0};
    private static final String[] COMMAND_NAMES = {
        "INVALID",
        "OPEN_RETURN_PATH",
        "PING",
        "POSTCOPY_ADVISE",
        "POSTCOPY_LISTEN",
        "POSTCOPY_RUN",
        "POSTCOPY_RAM_DISCARD",
        "PACKAGED",
        "DEPRECATED_0",
        "POSTCOPY_RESUME",
        "RECV_BITMAP",
        "SWITCHOVER_START"
    };

    /** What a section id stands for: {@code ram}, or a device's section. */
    private sealed interface Bound {
        String idstr();

        record Ram() implements Bound {
            @Override
            public String idstr() {
                return RamFormat.IDSTR;
            }
        }

        record Device(Section<?> section) implements Bound {
            @Override
            public String idstr() {
                return section.idstr();
            }
        }
    }

    private final StreamContent content;
    private final StateInput in;
    private final ReturnPath returnPath;
    private final PauseTimeline timeline;
    private final RamLoader ram;
    private final Map<Integer, Bound> bound = new HashMap<>();
    private boolean returnPathOpen;

    /** A reader of a stream; {@code file} is what is behind it, if anything is that pages can lie in. */
    StreamReader(
            StreamContent content,
            StateInput in,
            ReturnPath returnPath,
            PauseTimeline timeline,
            Optional<PageFile> file) {
        this.content = content;
        this.in = in;
        this.returnPath = returnPath;
        this.timeline = timeline;
        this.ram = new RamLoader(content.ram(), file);
    }

    /** Loads everything; what the old machine was doing is in the content's global state afterwards. */
    static void load(StreamContent content, StateInput in, ReturnPath returnPath, PauseTimeline timeline)
            throws StateException, IOException {
        StreamReader reader = new StreamReader(content, in, returnPath, timeline, Optional.empty());
        reader.loadRam();
        reader.loadRest();
    }

    /** Loads what comes before the first device. */
    void loadRam() throws StateException, IOException {
        header();
        for (; ; ) {
            switch (in.peek(0)) {
                case StreamFormat.SECTION_START -> {
                    if (!isRam()) {
                        return;
                    }
                    int type = in.u8();
                    assert type == StreamFormat.SECTION_START;
                    startOrFull();
                }
                case StreamFormat.SECTION_PART, StreamFormat.SECTION_END -> {
                    int type = in.u8();
                    assert type != StreamFormat.SECTION_START;
                    partOrEnd();
                }
                case StreamFormat.COMMAND -> {
                    int type = in.u8();
                    assert type == StreamFormat.COMMAND;
                    command();
                }
                default -> {
                    return;
                }
            }
        }
    }

    /** Whether the section that starts here is that of RAM. */
    private boolean isRam() throws IOException {
        int length = RamFormat.IDSTR.length();
        if (in.peek(1 + 4) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (in.peek(1 + 4 + 1 + i) != RamFormat.IDSTR.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Loads everything that follows, up to the byte that ends the stream. */
    void loadRest() throws StateException, IOException {
        for (; ; ) {
            int type = in.u8();
            switch (type) {
                case StreamFormat.EOF -> {
                    return;
                }
                case StreamFormat.SECTION_START, StreamFormat.SECTION_FULL -> startOrFull();
                case StreamFormat.SECTION_PART, StreamFormat.SECTION_END -> partOrEnd();
                case StreamFormat.COMMAND -> command();
                default -> throw new StateException("Unknown section type " + type);
            }
        }
    }

    private void header() throws StateException, IOException {
        int magic = in.u32();
        if (magic != StreamFormat.MAGIC) {
            throw new StateException("Not a migration stream, magic: " + Integer.toHexString(magic) + " != "
                    + Integer.toHexString(StreamFormat.MAGIC));
        }
        int version = in.u32();
        if (version == 2) {
            throw new StateException("SaveVM v2 format is obsolete and no longer supported");
        }
        if (version != StreamFormat.VERSION) {
            throw new StateException("Unsupported migration stream version, file version "
                    + Integer.toHexString(version) + " != " + StreamFormat.VERSION);
        }
        if (content.options().has(StreamOptions.Part.SEND_CONFIGURATION)) {
            int type = in.u8();
            if (type != StreamFormat.CONFIGURATION) {
                throw new StateException("Configuration section missing, " + Integer.toHexString(type) + " != "
                        + StreamFormat.CONFIGURATION);
            }
            Configuration received = Configuration.empty();
            StateDecoder.load(Configuration.STATE, received, 1, in);
            content.configuration().check(received);
        }
        timeline.pass(Checkpoint.CONFIGURATION_LOADED);
    }

    private void startOrFull() throws StateException, IOException {
        int id = in.u32();
        String idstr;
        try {
            idstr = in.counted();
        } catch (EOFException e) {
            throw new IOException("Unable to read ID string for section " + Integer.toUnsignedString(id), e);
        }
        int instance;
        int version;
        try {
            instance = in.u32();
            version = in.u32();
        } catch (EOFException e) {
            throw new IOException("Failed to read instance/version ID: -5", e);
        }
        if (idstr.equals(RamFormat.IDSTR) && instance == 0) {
            checkVersion(version, RamFormat.IDSTR, RamFormat.VERSION);
            Bound block = new Bound.Ram();
            bind(id, block);
            loadPages();
            timeline.pass(Checkpoint.RAM_LIST_CHECKED);
            footer(id, block);
            return;
        }
        Section<?> section = find(idstr, instance);
        checkVersion(version, idstr, section.type().version());
        Bound device = new Bound.Device(section);
        bind(id, device);
        loadDevice(section, version);
        footer(id, device);
    }

    /** A section has one id, the latest: a stream that names it under ever new ones must not fill memory. */
    private void bind(int id, Bound section) {
        bound.values().removeIf(section::equals);
        bound.put(id, section);
    }

    private Section<?> find(String idstr, int instance) throws StateException {
        return Sections.find(content.sections(), idstr, instance)
                .orElseThrow(() ->
                        new StateException("Unknown section or instance '" + StateException.printable(idstr) + "' "
                                + Integer.toUnsignedString(instance)
                                + ". Make sure that your current VM setup matches your saved VM setup, including any"
                                + " hotplugged devices"));
    }

    private static void checkVersion(int version, String idstr, int local) throws StateException {
        if (Integer.compareUnsigned(version, local) > 0) {
            throw new StateException(
                    "unsupported version " + Integer.toUnsignedString(version) + " for '" + idstr + "' v" + local);
        }
    }

    private void loadPages() throws StateException, IOException {
        try {
            ram.load(in);
        } catch (StateException e) {
            throw loading(0, RamFormat.IDSTR, e);
        }
    }

    private <T> void loadDevice(Section<T> section, int version) throws StateException, IOException {
        try {
            StateDecoder.load(section.type(), section.owner(), version, in);
        } catch (StateException e) {
            throw loading(section.instance(), section.idstr(), e);
        } catch (IOException e) {
            throw new IOException(loadingText(section.instance(), section.idstr(), e), e);
        }
    }

    private static StateException loading(int instance, String idstr, Exception e) {
        return new StateException(loadingText(instance, idstr, e), e);
    }

    private static String loadingText(int instance, String idstr, Exception e) {
        return "error while loading state for instance 0x" + Integer.toHexString(instance) + " of device '" + idstr
                + "': " + e.getMessage();
    }

    private void partOrEnd() throws StateException, IOException {
        int id = in.u32();
        Bound owner = bound.get(id);
        switch (owner) {
            case null -> throw new StateException("Unknown section " + Integer.toUnsignedString(id));
            case Bound.Ram block -> {
                loadPages();
                footer(id, block);
            }
            case Bound.Device device ->
                throw new StateException("section " + device.idstr() + " came whole and is continued");
        }
    }

    private void footer(int id, Bound owner) throws StateException, IOException {
        if (!content.options().has(StreamOptions.Part.SEND_SECTION_FOOTER)) {
            return;
        }
        int mark = in.u8();
        if (mark != StreamFormat.FOOTER) {
            throw new StateException("Missing section footer for " + owner.idstr()
                    + ": Section footer error, section_id: " + Integer.toUnsignedString(id));
        }
        int read = in.u32();
        if (read != id) {
            throw new StateException("Mismatched section id in footer for " + owner.idstr() + " - read 0x"
                    + Integer.toHexString(read) + " expected 0x" + Integer.toHexString(id)
                    + ": Section footer error, section_id: " + Integer.toUnsignedString(id));
        }
    }

    private void command() throws StateException, IOException {
        int command = in.u16();
        int length = in.u16();
        String numbers = "MIG_CMD 0x" + Integer.toHexString(command);
        if (command == 0 || command > StreamFormat.CMD_LAST) {
            throw new StateException(numbers + " unknown (len 0x" + Integer.toHexString(length) + ")");
        }
        if (command == StreamFormat.CMD_DEPRECATED) {
            throw new StateException(numbers + " deprecated (len 0x" + Integer.toHexString(length) + ")");
        }
        if (COMMAND_LENGTHS[command] != -1 && COMMAND_LENGTHS[command] != length) {
            throw new StateException(COMMAND_NAMES[command] + " received with bad length - expecting "
                    + COMMAND_LENGTHS[command] + ", got " + length);
        }
        switch (command) {
            case StreamFormat.CMD_OPEN_RETURN_PATH -> {
                if (returnPathOpen) {
                    throw new StateException("CMD_OPEN_RETURN_PATH called when RP already open");
                }
                returnPathOpen = true;
                returnPath.open();
            }
            case StreamFormat.CMD_PING -> {
                int value = in.u32();
                if (!returnPathOpen) {
                    throw new StateException(
                            "CMD_PING (0x" + Integer.toHexString(value) + ") received with no return path");
                }
                returnPath.pong(value);
            }
            case StreamFormat.CMD_SWITCHOVER_START -> {} // tells devices that switch over early; none here does
            default ->
                throw new StateException(
                        COMMAND_NAMES[command] + " received, but this program does not take part in postcopy");
        }
    }
}
