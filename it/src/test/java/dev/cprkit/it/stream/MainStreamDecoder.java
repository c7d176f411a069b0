package dev.cprkit.it.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a main stream apart as an independent analyser does: the description at the end says what the devices' sections
 * consist of, all else is as in reference/qemu-cpr.md, section 3. Everything must be used up. One stream, one thread.
 */
final class MainStreamDecoder {
    private static final int MAGIC = 0x5145564d;
    private static final int SUBSECTION = 0x05;
    private static final int DESCRIPTION = 0x06;
    private static final int CONFIGURATION = 0x07;
    private static final int COMMAND = 0x08;
    private static final int FOOTER = 0x7e;
    private static final Map<Integer, String> TYPES =
            Map.of(0, "end of the sections", 1, "START", 2, "PART", 3, "END", 4, "FULL", COMMAND, "COMMAND");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final byte[] bytes;
    private final StreamBytes in;
    private final Map<Integer, MainStream.Section> begun = new HashMap<>();
    private final List<MainStream.Item> items = new ArrayList<>();
    private final Optional<JsonNode> description;

    MainStreamDecoder(byte[] bytes, StreamBytes in) {
        this.bytes = bytes;
        this.in = in;
        this.description = findDescription();
    }

    /** The last text that is just as long as the word before it says, behind the byte that announces it. */
    private Optional<JsonNode> findDescription() {
        for (int at = bytes.length - 1; at >= 5; at--) {
            if (bytes[at] == '{' && bytes[at - 5] == DESCRIPTION) {
                StreamBytes length = new StreamBytes(bytes);
                length.seek(at - 4);
                if (length.u32() == bytes.length - at) {
                    try {
                        return Optional.of(JSON.readTree(bytes, at, bytes.length - at));
                    } catch (IOException e) {
                        throw new MalformedStream(at, "the description is no JSON: " + e.getMessage());
                    }
                }
            }
        }
        return Optional.empty();
    }

    MainStream decode() {
        in.expect(in.mark("magic QEVM").u32() == MAGIC, "this is no main stream");
        in.expect(in.mark("version").u32() == 3, "this main stream is not of version 3");
        in.expect(in.mark("configuration").u8() == CONFIGURATION, "no configuration follows the header");
        int length = in.mark("machine type's length").u32();
        String machine = in.mark("machine type").text(length);
        List<String> capabilities = configuration();
        RamDecoder ram = new RamDecoder(in, capabilities);
        int end;
        for (; ; ) {
            end = in.at();
            int type = in.mark(TYPES.getOrDefault(in.peek(), "item")).u8();
            if (type == 0) {
                break;
            }
            switch (type) {
                case 1, 4 -> begin(type == 1 ? MainStream.Part.START : MainStream.Part.FULL, end, ram);
                case 2, 3 -> goOn(type == 2 ? MainStream.Part.PART : MainStream.Part.END, end, ram);
                case COMMAND -> command(end);
                default -> in.expect(false, "an item begins with " + type);
            }
        }
        if (!in.atEnd()) {
            in.expect(
                    in.mark("description").u8() == DESCRIPTION,
                    "something else than a description follows the sections");
            int size = in.mark("description's length").u32();
            in.mark("description's text").take(size);
            in.expect(in.atEnd() && description.isPresent(), "something follows the description");
        }
        return new MainStream(machine, capabilities, List.copyOf(items), ram.content(), end, description);
    }

    private List<String> configuration() {
        List<String> capabilities = new ArrayList<>();
        while (in.peek() == SUBSECTION) {
            in.mark("subsection").u8();
            String name = in.counted();
            in.expect(in.mark(name + ": version").u32() == 1, "subsection " + name + " is not of version 1");
            in.mark(name);
            switch (name) {
                case "configuration/target-page-bits" -> in.u32();
                case "configuration/uuid" -> in.take(16);
                case "configuration/capabilities" -> {
                    for (int left = in.u32(); left > 0; left--) {
                        capabilities.add(in.counted());
                    }
                }
                default -> in.expect(false, "subsection " + name + " is unknown");
            }
        }
        return capabilities;
    }

    private void command(int start) {
        int command = in.mark("command's number").u16();
        int length = in.mark("command's length").u16();
        in.mark("command's data").take(length);
        items.add(new MainStream.Command(command, length, start));
    }

    private void begin(MainStream.Part part, int start, RamDecoder ram) {
        int id = in.mark("section's number").u32();
        String idstr = in.mark("section's name").counted();
        int instance = in.mark(idstr + ": instance").u32();
        int version = in.mark(idstr + ": version").u32();
        int payload = in.at();
        List<MainStream.Leaf> leaves = List.of();
        if (idstr.equals(RamDecoder.IDSTR)) {
            ram.section();
        } else {
            leaves = new DeviceDecoder(in, device(idstr, instance)).decode(version);
        }
        MainStream.Section section = new MainStream.Section(
                part, id, idstr, instance, version, start, payload, in.at(), List.copyOf(leaves));
        in.expect(begun.put(id, section) == null, "section " + id + " begins twice");
        finish(section);
    }

    private void goOn(MainStream.Part part, int start, RamDecoder ram) {
        int id = in.mark("section's number").u32();
        MainStream.Section first = begun.get(id);
        in.expect(first != null && first.part() == MainStream.Part.START, "section " + id + " goes on without a start");
        int payload = in.at();
        ram.section();
        finish(new MainStream.Section(
                part, id, first.idstr(), first.instance(), first.version(), start, payload, in.at(), List.of()));
    }

    private void finish(MainStream.Section section) {
        in.expect(in.mark("footer").u8() == FOOTER, "no footer follows section " + section.idstr());
        in.expect(
                in.mark("section's number").u32() == section.id(),
                "the footer of " + section.idstr() + " is another section's");
        items.add(section);
    }

    private JsonNode device(String idstr, int instance) {
        for (JsonNode device : description.map(d -> d.path("devices")).orElse(JSON.createArrayNode())) {
            if (device.path("name").asText().equals(idstr)
                    && device.path("instance_id").asInt() == instance) {
                return device;
            }
        }
        throw new MalformedStream(in.at(), "the description does not tell of '" + idstr + "' " + instance);
    }
}
