package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateOutput;
import dev.cprkit.vmm.state.StreamDescription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the main stream of a mode that leaves guest RAM where it is, into memory: a device state is some tens of
 * kilobytes, and a stream that is whole before its first byte is sent can neither stall nor fail halfway (reference/
 * qemu-cpr.md, sections 2.2 and 3.2). Main loop's thread; the guest is stopped, unless this is a rehearsal.
 */
final class StreamWriter {
    /** Section ids need only differ; these are those of a QEMU with the same devices: its clock comes before its RAM. */
    private static final int RAM_SECTION = 1;

    private final StreamContent content;
    private final StateOutput out = StateOutput.toMemory();

    private StreamWriter(StreamContent content) {
        this.content = content;
    }

    /** The stream from its magic to the byte that ends it, without the description. */
    static byte[] write(StreamContent content, boolean returnPath) throws StateException {
        StreamWriter writer = new StreamWriter(content);
        try {
            writer.head(returnPath);
            writer.ram();
            List<Section<?>> sections = content.sent();
            for (int i = 0; i < sections.size(); i++) {
                writer.full(i < RAM_SECTION ? i : i + 1, sections.get(i));
            }
            writer.out.u8(StreamFormat.EOF);
            return writer.out.toByteArray();
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
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

    private void ram() throws IOException {
        header(StreamFormat.SECTION_START, RAM_SECTION, RamList.IDSTR, 0, RamList.VERSION);
        RamList.writeStart(content, out);
        footer(RAM_SECTION);
        if (content.options().has(StreamOptions.Part.SEND_SWITCHOVER_START)) {
            command(StreamFormat.CMD_SWITCHOVER_START, 0);
        }
        out.u8(StreamFormat.SECTION_END);
        out.u32(RAM_SECTION);
        RamList.writeEnd(out);
        footer(RAM_SECTION);
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
