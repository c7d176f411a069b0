package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.migration.ram.RamPlan;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateSize;
import dev.cprkit.vmm.state.VmState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The main stream's bytes (reference/qemu-cpr.md, sections 3.2 to 3.8 and 3.11). */
class StreamTest {
    private static final class Clock {
        static final VmState<Clock> STATE = VmState.<Clock>of("timer", 2)
                .s64("cpu_ticks_offset", c -> 0, (c, v) -> {})
                .unused("unused", 8)
                .since(2)
                .s64("cpu_clock_offset", c -> c.now, (c, v) -> c.now = v)
                .build();
        private long now;
    }

    private final MigrationCapabilities capabilities = new MigrationCapabilities();
    private final StreamOptions options = new StreamOptions();
    private final GlobalState globalState = new GlobalState();
    private final Clock clock = new Clock();
    private byte[] uuid = new byte[0];

    private StreamContent content(String machine, List<RamBlock> blocks) {
        return new StreamContent(
                null,
                Configuration.local(machine, capabilities, uuid),
                new RamPlan(blocks.stream().map(StreamTest::piece).toList(), false, false),
                List.of(Section.of(Clock.STATE, clock), Section.of(GlobalState.STATE, globalState)),
                globalState,
                options);
    }

    private static RamPlan.Piece piece(RamBlock block) {
        return new RamPlan.Piece(block, 0, false);
    }

    private static RamBlock block(String name, long size) {
        return new RamBlock(name, 0, size, 9, true, false, "aux");
    }

    /** As QEMU 11.1.3 sends it for {@code -M virt} with 64 MiB in a memory backend {@code ram0}, up to its clock. */
    private static final String QEMU_HEAD = "5145564d00000003" + "070000000476697274"
            + "01000000010372616d0000000000000004" + "0000000008031004"
            + "0472616d30" + "0000000004000000"
            + "0b766972742e666c61736830" + "0000000002000000"
            + "0b766972742e666c61736831" + "0000000002000000"
            + "142f726f6d406574632f616370692f7461626c6573" + "0000000000020000"
            + "152f726f6d406574632f7461626c652d6c6f61646572" + "0000000000001000"
            + "1572697363765f766972745f626f6172642e6d726f6d" + "000000000000f000"
            + "122f726f6d406574632f616370692f72736470" + "0000000000001000"
            + "0000000000000010" + "7e00000001"
            + "08000b0000"
            + "0300000001" + "0000000000000010" + "7e00000001"
            + "04000000000574696d6572" + "00000000" + "00000002"
            + "000000000000000000000000000000000000000000000000" + "7e00000000";

    @Test
    void theStreamBeginsAsQemusDoes() throws Exception {
        StreamContent content = content(
                "virt",
                List.of(
                        block("ram0", 64 << 20),
                        block("virt.flash0", 32 << 20),
                        block("virt.flash1", 32 << 20),
                        block("/rom@etc/acpi/tables", 0x20000),
                        block("/rom@etc/table-loader", 0x1000),
                        block("riscv_virt_board.mrom", 0xf000),
                        block("/rom@etc/acpi/rsdp", 0x1000)));
        globalState.capture(RunState.RUNNING);
        String stream = HexFormat.of().formatHex(StreamWriter.write(content, false));
        assertThat(stream).startsWith(QEMU_HEAD);
        assertThat(stream.substring(QEMU_HEAD.length()))
                .isEqualTo("04" + "00000002" + "0b" + hex("globalstate") + "00000000" + "00000001" + "00000008"
                        + hex("running") + "00".repeat(25) + "0100" + "00".repeat(66) + "7e00000002" + "00");
    }

    @Test
    void theReturnPathIsOpenedInFront() throws Exception {
        String stream = HexFormat.of().formatHex(StreamWriter.write(content("virt", List.of()), true));
        assertThat(stream.substring(34)).startsWith("0800010000" + "080002000400000001" + "01");
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        clock.now = 77;
        List<RamBlock> blocks = List.of(block("ram0", 4096));
        globalState.capture(RunState.PAUSED);
        byte[] stream = StreamWriter.write(content("virt", blocks), true);
        clock.now = 0;
        List<String> heard = new ArrayList<>();
        PauseTimeline timeline = new PauseTimeline(false);
        StateInput in = StateInput.of(stream);
        StreamReader.load(
                content("virt", blocks),
                in,
                new StreamReader.ReturnPath() {
                    @Override
                    public void open() {
                        heard.add("open");
                    }

                    @Override
                    public void pong(int value) {
                        heard.add("pong " + value);
                    }
                },
                timeline);
        assertThat(in.atEnd()).isTrue();
        assertThat(clock.now).isEqualTo(77);
        assertThat(globalState.received()).isEqualTo(RunState.PAUSED);
        assertThat(heard).containsExactly("open", "pong 1");
        assertThat(timeline.at(Checkpoint.RAM_LIST_CHECKED)).isPresent();
    }

    @Test
    void partsCanBeLeftOutOnBothSides() throws Exception {
        for (StreamOptions.Part part : StreamOptions.Part.values()) {
            options.set(part, false);
        }
        byte[] stream = StreamWriter.write(content("virt", List.of()), false);
        assertThat(HexFormat.of().formatHex(stream)).startsWith("5145564d00000003" + "0100000001");
        load(stream, content("virt", List.of()));
    }

    @Test
    void capabilitiesAndUuidMustAgree() throws Exception {
        byte[] plain = StreamWriter.write(content("virt", List.of()), false);
        capabilities.set(MigrationCapability.X_IGNORE_SHARED, true);
        byte[] ignoring = StreamWriter.write(content("virt", List.of()), false);
        load(ignoring, content("virt", List.of()));
        refuses(
                plain,
                "Capability x-ignore-shared is on, but received capability is off: Failed to validate capabilities");
        capabilities.set(MigrationCapability.X_IGNORE_SHARED, false);
        refuses(
                ignoring,
                "Capability x-ignore-shared is off, but received capability is on: Failed to validate capabilities");
        capabilities.set(MigrationCapability.VALIDATE_UUID, true);
        uuid = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
        byte[] identified = StreamWriter.write(content("virt", List.of()), false);
        load(identified, content("virt", List.of()));
        uuid = new byte[16];
        refuses(
                identified,
                "UUID received is 00112233-4455-6677-8899-aabbccddeeff and local is"
                        + " 00000000-0000-0000-0000-000000000000");
    }

    @Test
    void refusesWhatDoesNotBelong() {
        refuses("5145564e", "Not a migration stream, magic: 5145564e != 5145564d");
        refuses("5145564d00000002", "SaveVM v2 format is obsolete and no longer supported");
        refuses("5145564d00000004", "Unsupported migration stream version, file version 4 != 3");
        refuses("5145564d0000000301", "Configuration section missing, 1 != 7");
        String head = "5145564d00000003" + "070000000476697274";
        refuses(head + "55", "Unknown section type 85");
        refuses(head + "0200000009", "Unknown section 9");
        refuses(head + "080000", "the stream ends early");
        refuses(head + "08000c0000", "MIG_CMD 0xc unknown (len 0x0)");
        refuses(head + "0800080000", "MIG_CMD 0x8 deprecated (len 0x0)");
        refuses(head + "0800010001", "OPEN_RETURN_PATH received with bad length - expecting 0, got 1");
        refuses(head + "080002000400000007", "CMD_PING (0x7) received with no return path");
        refuses(head + "0800030000", "POSTCOPY_ADVISE received, but this program does not take part in postcopy");
        String ram = head + "01000000010372616d00000000";
        refuses(ram + "00000005", "unsupported version 5 for 'ram' v4");
        String wrapped = "error while loading state for instance 0x0 of device 'ram': ";
        refuses(
                ram + "00000004" + "0000000000001004" + "0472616d30" + "0000000000001000",
                wrapped + "Unknown ramblock \"ram0\", cannot accept migration");
        refuses(ram + "00000004" + "0000000000000001", wrapped + "Unknown combination of migration flags: 0x1");
        refuses(ram + "00000004" + "0000000000000008" + "0161", wrapped + "Can't find block a");
        String good = ram + "00000004" + "0000000000000004" + "0000000000000010";
        refuses(good + "00", "Missing section footer for ram: Section footer error, section_id: 1");
        refuses(
                good + "7e00000009",
                "Mismatched section id in footer for ram - read 0x9 expected 0x1: Section footer error, section_id: 1");
        String again = "01000000090372616d00000000" + "00000004" + "0000000000000010" + "7e00000009";
        refuses(good + "7e00000001" + again + "0200000001", "Unknown section 1"); // its id is the latest one only
        refuses(
                good + "7e00000001" + "0400000002026162" + "00000003" + "00000001",
                "Unknown section or instance 'ab' 3. Make sure that your current VM setup matches your saved VM setup,"
                        + " including any hotplugged devices");
        refuses(
                good + "7e00000001" + "0400000002" + "0b" + hex("globalstate") + "00000000" + "00000001" + "00000003"
                        + hex("odd") + "00".repeat(29) + "0100" + "00".repeat(66),
                "error while loading state for instance 0x0 of device 'globalstate': post load hook failed for:"
                        + " globalstate, version_id: 1, minimum_version: 1: the old process was in an unknown run state"
                        + " 'odd'");
    }

    @Test
    void theDescriptionAccountsForEveryByteOfEverySection() throws Exception {
        StreamContent content = content("virt", List.of());
        byte[] bytes = StreamWriter.description(content);
        assertThat(bytes[0]).isEqualTo((byte) 6);
        String text = new String(bytes, 5, bytes.length - 5, StandardCharsets.UTF_8);
        JsonObject description = (JsonObject) JsonText.parse(text);
        List<JsonValue> devices = ((JsonArray) description.members().get("devices")).values();
        assertThat(devices).hasSize(2);
        assertThat(description.members().get("page_size")).isEqualTo(JsonNumber.of(4096));
        assertThat(((JsonObject) devices.getFirst()).members().get("name")).isEqualTo(new JsonString("timer"));
        assertThat(size((JsonObject) devices.getFirst())).isEqualTo(StateSize.of(Clock.STATE, clock));
        assertThat(size((JsonObject) devices.getLast())).isEqualTo(StateSize.of(GlobalState.STATE, globalState));
        options.description(false);
        assertThat(StreamWriter.description(content)).isEmpty();
    }

    private static long size(JsonObject device) {
        long total = 0;
        for (JsonValue field : ((JsonArray) device.members().get("fields")).values()) {
            Map<String, JsonValue> members = ((JsonObject) field).members();
            long size = ((JsonNumber) members.get("size")).integer().longValue();
            total += members.containsKey("array_len")
                    ? size * ((JsonNumber) members.get("array_len")).integer().longValue()
                    : size;
        }
        return total;
    }

    private void refuses(String hex, String message) {
        refuses(HexFormat.of().parseHex(hex), message);
    }

    private void refuses(byte[] stream, String message) {
        assertThatThrownBy(() -> load(stream, content("virt", List.of()))).hasMessage(message);
    }

    private static void load(byte[] stream, StreamContent content) throws Exception {
        StreamReader.load(
                content,
                StateInput.of(stream),
                new StreamReader.ReturnPath() {
                    @Override
                    public void open() {}

                    @Override
                    public void pong(int value) throws IOException {
                        throw new IOException("not asked for");
                    }
                },
                new PauseTimeline(false));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
