package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters, capabilities and -global presets (reference/qemu-cpr.md, sections 1.1 to 1.3, 2.1 and 8.6). */
class MigrationSettingsTest {
    private final MigrationConfig config = MigrationConfig.defaults();

    @Test
    void parametersAreListedInQemusOrderWithTheirDefaults() {
        List<String> lines = new ArrayList<>();
        MigrationText.parameters(config.parameters(), lines::add);
        assertThat(lines)
                .containsExactly(
                        "announce-initial: 50 ms\n",
                        "announce-max: 550 ms\n",
                        "announce-rounds: 5\n",
                        "announce-step: 100 ms\n",
                        "throttle-trigger-threshold: 50\n",
                        "cpu-throttle-initial: 20\n",
                        "cpu-throttle-increment: 10\n",
                        "cpu-throttle-tailslow: off\n",
                        "max-cpu-throttle: 99\n",
                        "tls-creds: ''\n",
                        "tls-hostname: ''\n",
                        "tls-authz: ''\n",
                        "max-bandwidth: 134217728 bytes/second\n",
                        "avail-switchover-bandwidth: 0 bytes/second\n",
                        "max-postcopy-bandwidth: 0 bytes/second\n",
                        "downtime-limit: 300 ms\n",
                        "x-checkpoint-delay: 20000 ms\n",
                        "multifd-channels: 2\n",
                        "multifd-compression: none\n",
                        "zero-page-detection: multifd\n",
                        "xbzrle-cache-size: 67108864 bytes\n",
                        "x-vcpu-dirty-limit-period: 1000 ms\n",
                        "vcpu-dirty-limit: 1 MB/s\n",
                        "mode: normal\n",
                        "direct-io: off\n",
                        "x-rdma-chunk-size: 1048576 bytes\n",
                        "cpr-exec-command:\n");
    }

    @Test
    void everyParameterButTwoIsAlwaysInTheReply() {
        assertThat(config.parameters().query().members()).hasSize(MigrationParameter.values().length - 2);
    }

    @Test
    void setsSeveralOrNone() throws Exception {
        set(new JsonObject().put("mode", "cpr-transfer").put("downtime-limit", 7));
        assertThat(config.parameters().mode()).isEqualTo(MigMode.CPR_TRANSFER);
        refused(
                new JsonObject().put("mode", "normal").put("downtime-limit", 2000001),
                "Option downtime-limit expects" + " an integer in the range of 0 to (2000 * 1000) ms");
        assertThat(config.parameters().mode()).isEqualTo(MigMode.CPR_TRANSFER);
        set(new JsonObject()
                .put(
                        "cpr-exec-command",
                        new JsonArray().add(new JsonString("vmm")).add(new JsonString("-x"))));
        assertThat(config.parameters().execCommand()).containsExactly("vmm", "-x");
        set(new JsonObject().put("tls-creds", "x"));
        set(new JsonObject().put("tls-creds", new JsonNull()));
        assertThat(config.parameters().text(MigrationParameter.TLS_CREDS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        max-cpu-throttle           | 19  | Option max-cpu-throttle expects an integer in the range of cpu-throttle-initial to 99
        multifd-channels           | 0   | Option multifd-channels expects a value between 1 and 255
        multifd-channels           | 256 | Parameter 'multifd-channels' expects uint8_t
        announce-max               | -1  | Option announce-max expects a value between 0 and 100000
        xbzrle-cache-size          | 5000 | Option xbzrle-cache-size expects a power of two no less than the target page size
        vcpu-dirty-limit           | 0   | Parameter 'vcpu-dirty-limit' must be greater than 1 MB/s
        throttle-trigger-threshold | 101 | Option throttle-trigger-threshold expects an integer in the range of 1 to 100
        """)
    void checksRanges(String name, long value, String message) {
        refused(new JsonObject().put(name, value), message);
    }

    @Test
    void checksTypes() {
        refused(new JsonObject().put("mode", "xyz"), "Parameter 'mode' does not accept value 'xyz'");
        refused(new JsonObject().put("xyz", 1), "Parameter 'xyz' is unexpected");
        refused(new JsonObject().put("mode", 1), "Invalid parameter type for 'mode', expected: string");
        refused(new JsonObject().put("downtime-limit", "1"), "Parameter 'downtime-limit' expects uint64");
        refused(new JsonObject().put("direct-io", true), "No build-time support for direct-io");
    }

    @Test
    void capabilitiesThatConflictAreRefusedTogether() throws Exception {
        MigrationCapabilities capabilities = config.capabilities();
        capabilities.set(MigrationCapability.MAPPED_RAM, true);
        assertThatThrownBy(() -> capabilities.set(MigrationCapability.XBZRLE, true))
                .hasMessage("Mapped-ram migration is incompatible with xbzrle");
        assertThatThrownBy(() -> capabilities.set(MigrationCapability.SWITCHOVER_ACK, true))
                .hasMessage("Capability 'switchover-ack' requires capability 'return-path'");
        assertThat(capabilities.has(MigrationCapability.XBZRLE)).isFalse();
        capabilities.set(MigrationCapability.RETURN_PATH, true);
        assertThatThrownBy(() -> capabilities.set(MigrationCapability.X_COLO, true))
                .hasMessage("COLO is not supported by this version; leave capability 'x-colo' off");
        set(new JsonObject().put("mode", "cpr-reboot"));
        assertThatThrownBy(() -> capabilities.set(MigrationCapability.X_COLO, true))
                .hasMessage("Cannot use COLO with CPR");
    }

    @Test
    void globalsPresetParametersCapabilitiesAndTheStream() throws Exception {
        MigrationGlobals globals = config.globals();
        globals.apply("mode", "cpr-exec");
        globals.apply("x-max-bandwidth", "1M");
        globals.apply("x-events", "on");
        globals.apply("x-ignore-shared", "true");
        globals.apply("mapped-ram", "off");
        globals.apply("store-global-state", "off");
        globals.apply("x-clear-bitmap-shift", "18");
        assertThat(config.parameters().mode()).isEqualTo(MigMode.CPR_EXEC);
        assertThat(config.parameters().get(MigrationParameter.MAX_BANDWIDTH)).contains(JsonNumber.of(1 << 20));
        assertThat(config.capabilities().has(MigrationCapability.EVENTS)).isTrue();
        assertThat(config.capabilities().has(MigrationCapability.X_IGNORE_SHARED))
                .isTrue();
        assertThat(config.stream().has(StreamOptions.Part.STORE_GLOBAL_STATE)).isFalse();
        assertThatThrownBy(() -> globals.apply("nosuch", "1"))
                .isInstanceOf(QmpError.class)
                .hasMessageContaining("Property 'migration.nosuch' not found");
        for (String name : List.of("cpr-exec-command", "direct-io", "max-bandwidth", "events")) {
            assertThatThrownBy(() -> globals.apply(name, "1")).hasMessageContaining("not found");
        }
        assertThatThrownBy(() -> globals.apply("x-events", "maybe")).hasMessageContaining("expects 'on' or 'off'");
        assertThatThrownBy(() -> globals.apply("mode", "fast")).hasMessageContaining("does not accept value 'fast'");
    }

    @Test
    void wordsAreSplitAsAShellDoes() throws Exception {
        assertThat(SettingText.words("vmm -append 'a b' \"c\\\"d\" e\\ f ''"))
                .containsExactly("vmm", "-append", "a b", "c\"d", "e f", "");
        assertThatThrownBy(() -> SettingText.words("a 'b")).hasMessageContaining("matching quote");
    }

    @Test
    void sizesReadAsPeopleWriteThem() {
        assertThat(MigrationText.size(0)).isEqualTo("0 B");
        assertThat(MigrationText.size(4096)).isEqualTo("4 KiB");
        assertThat(MigrationText.size(3L << 29)).isEqualTo("1.5 GiB");
        assertThat(MigrationText.size(1023)).isEqualTo("1020 B");
    }

    @Test
    void statusesFollowTheTable() {
        assertThat(MigrationProgress.allowed(MigrationStatus.SETUP, MigrationStatus.ACTIVE))
                .isTrue();
        assertThat(MigrationProgress.allowed(MigrationStatus.DEVICE, MigrationStatus.FAILING))
                .isTrue();
        assertThat(MigrationProgress.allowed(MigrationStatus.FAILING, MigrationStatus.COMPLETED))
                .isFalse();
        assertThat(MigrationProgress.allowed(MigrationStatus.NONE, MigrationStatus.ACTIVE))
                .isFalse();
        MigrationProgress progress = new MigrationProgress(config.capabilities(), (event, data) -> {});
        assertThatThrownBy(() -> progress.set(MigrationStatus.COMPLETED))
                .hasMessage("invalid migration status transition: 'none' -> 'completed'");
    }

    private void set(JsonObject members) throws QmpError {
        config.parameters().set(new QmpArguments(members));
    }

    private void refused(JsonObject members, String message) {
        JsonValue before = config.parameters().query();
        assertThatThrownBy(() -> set(members)).isInstanceOf(QmpError.class).hasMessage(message);
        assertThat(config.parameters().query()).isEqualTo(before);
    }
}
