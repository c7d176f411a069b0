package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.migration.ram.Precopy;
import dev.cprkit.vmm.migration.ram.RamFormat;
import dev.cprkit.vmm.migration.ram.RamSaver;
import dev.cprkit.vmm.migration.ram.RamStatistics;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateOutput;
import dev.cprkit.vmm.state.StreamDescription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Writes the main stream (reference/qemu-cpr.md, sections 2.2 and 3.2). The device state goes to memory first: it is some
 * tens of kilobytes, and what is whole before its first byte is sent can neither stall nor fail halfway. So does the whole
 * stream of a mode that leaves guest RAM where it is. Main loop's thread, but for {@link Ram}; the guest is stopped, unless
 * this is a rehearsal.
 */
final class StreamWriter {
    /** Section ids need only differ; these are those of a QEMU with the same devices: its clock comes before its RAM. */
    private static final int RAM_SECTION = 1;

    private final StreamContent content;
    private final StateOutput out;

    private StreamWriter(StreamContent content, StateOutput out) {
        this.content = content;
        this.out = out;
    }

    /** The stream of guest RAM that stays where it is, from its magic to the byte that ends it, without the description. */
    static byte[] write(StreamContent content, boolean returnPath) throws StateException {
        StateOutput out = StateOutput.toMemory();
        StreamWriter writer = new StreamWriter(content, out);
        try (RamSaver saver = new RamSaver(
                content.ram(), new DirtyLog(), RamSaver.ZeroPages.DETECTED, new RamStatistics(0), Optional.empty())) {
            Ram ram = writer.new Ram(saver);
            ram.start(returnPath);
            ram.end();
            writer.devices();
            return out.toByteArray();
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
    }

    /** What follows RAM in a stream, to the byte that ends it. */
    static byte[] deviceState(StreamContent content) throws StateException {
        StateOutput out = StateOutput.toMemory();
        try {
            new StreamWriter(content, out).devices();
            return out.toByteArray();
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
    }

    /** Writes a stream up to the end of RAM, step by step, on any thread. */
    static Ram ram(StreamContent content, StateOutput out, RamSaver saver) {
        return new StreamWriter(content, out).new Ram(saver);
    }

    private void devices() throws StateException, IOException {
        List<Section<?>> sections = content.sent();
        for (int i = 0; i < sections.size(); i++) {
            full(i < RAM_SECTION ? i : i + 1, sections.get(i));
        }
        out.u8(StreamFormat.EOF);
    }

    /** What follows the stream: its description, of the same objects in the same state; nothing if it is suppressed. */
    static byte[] description(StreamContent content) throws StateException {
        if (!content.options().description()) {
            return new byte[0];
        }
        String json = StreamDescription.of(
                Section.of(Configuration.STATE, content.configuration()), content.sent(), StreamFormat.PAGE_SIZE);
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        StateOutput out = StateOutput.toMemory();
        try {
            out.u8(StreamFormat.DESCRIPTION);
            out.u32(text.length);
            out.bytes(text, 0, text.length);
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
        return out.toByteArray();
    }

    private void head(boolean returnPath) throws StateException, IOException {
        out.u32(StreamFormat.MAGIC);
        out.u32(StreamFormat.VERSION);
        if (content.options().has(StreamOptions.Part.SEND_CONFIGURATION)) {
            out.u8(StreamFormat.CONFIGURATION);
            StateEncoder.save(Configuration.STATE, content.configuration(), out);
        }
        if (returnPath) {
            command(StreamFormat.CMD_OPEN_RETURN_PATH, 0);
            command(StreamFormat.CMD_PING, 4);
            out.u32(1);
        }
    }

    /** The stream from its magic to the end of RAM. */
    final class Ram implements Precopy.Frame {
        private final RamSaver saver;

        private Ram(RamSaver saver) {
            this.saver = saver;
        }

        /** Magic, configuration, and the list of blocks; from here on what the guest writes is logged. */
        void start(boolean returnPath) throws StateException, IOException {
            head(returnPath);
            header(StreamFormat.SECTION_START, RAM_SECTION, RamFormat.IDSTR, 0, RamFormat.VERSION);
            saver.writeStart(out);
            footer(RAM_SECTION);
        }

        @Override
        public void begin(StateOutput into) throws IOException {
            into.u8(StreamFormat.SECTION_PART);
            into.u32(RAM_SECTION);
        }

        @Override
        public void end(StateOutput into) throws IOException {
            footer(RAM_SECTION);
        }

        /** The pages that are left, of a guest that is stopped. */
        void end() throws IOException {
            if (content.options().has(StreamOptions.Part.SEND_SWITCHOVER_START)) {
                command(StreamFormat.CMD_SWITCHOVER_START, 0);
            }
            out.u8(StreamFormat.SECTION_END);
            out.u32(RAM_SECTION);
            saver.writeRest(out);
            footer(RAM_SECTION);
        }
    }

    private <T> void full(int id, Section<T> section) throws StateException, IOException {
        header(
                StreamFormat.SECTION_FULL,
                id,
                section.idstr(),
                section.instance(),
                section.type().version());
        StateEncoder.save(section.type(), section.owner(), out);
        footer(id);
    }

    private void header(int type, int id, String idstr, int instance, int version) throws IOException {
        out.u8(type);
        out.u32(id);
        out.counted(idstr);
        out.u32(instance);
        out.u32(version);
    }

    private void footer(int id) throws IOException {
        if (content.options().has(StreamOptions.Part.SEND_SECTION_FOOTER)) {
            out.u8(StreamFormat.FOOTER);
            out.u32(id);
        }
    }

    private void command(int command, int length) throws IOException {
        out.u8(StreamFormat.COMMAND);
        out.u16(command);
        out.u16(length);
    }
}
