package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read out of a VM's object model, from answers such as QEMU gives. */
class HotplugSurveyTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private FakeVm vm;
    private VmMonitor monitor;
    private final Map<String, String> answers = new HashMap<>();

    @BeforeEach
    void aVmWithADiskANetworkAndACard() {
        answers.put("qom-list /objects", "[{'name':'rng0','type':'child<rng-builtin>'}]");
        answers.put(
                "query-named-block-nodes",
                "[{'node-name':'data','drv':'raw','file':'/var/data.img','ro':true,'cache':{'direct':true}}]");
        answers.put("info network", "'n1: index=0,type=user,net=10.0.2.0,restrict=off'");
        answers.put("info usernet", "'Hub -1 (n1):\\n'");
        answers.put(
                "qom-list /machine/peripheral",
                "[{'name':'card','type':'child<virtio-net-device>'},{'name':'disk','type':'child<virtio-blk-device>'}]");
        answers.put("qom-get /machine/peripheral/card hotplugged", "true");
        answers.put("qom-get /machine/peripheral/disk hotplugged", "false");
        answers.put("qom-get /machine/peripheral/card type", "'virtio-net-device'");
        answers.put("device-list-properties", "[{'name':'mac'},{'name':'netdev'},{'name':'mtu','default-value':0}]");
        answers.put(
                "qom-list /machine/peripheral/card",
                "[{'name':'mac','type':'str'},{'name':'netdev','type':'str'},{'name':'mtu','type':'uint16'},"
                        + "{'name':'parent_bus','type':'link<bus>'},{'name':'realized','type':'bool'}]");
        answers.put("qom-get /machine/peripheral/card mac", "'52:54:00:12:34:56'");
        answers.put("qom-get /machine/peripheral/card netdev", "'n1'");
        answers.put("qom-get /machine/peripheral/card mtu", "0");
        answers.put("qom-get /machine/peripheral/card parent_bus", "'/machine/virtio-mmio-bus.3'");
    }

    private Object answer(String command, JsonNode arguments) throws IOException {
        String key = command.equals("human-monitor-command")
                ? arguments.path("command-line").asText()
                : (command + " " + arguments.path("path").asText() + " "
                                + arguments.path("property").asText())
                        .strip();
        if (!answers.containsKey(key)) {
            throw new IOException("no such thing");
        }
        return JSON.readTree(answers.get(key).replace('\'', '"'));
    }

    @BeforeEach
    void connect() throws Exception {
        vm = new FakeVm(folder.resolve("vm.qmp"), "running");
        for (String command : List.of(
                "qom-list", "qom-get", "query-named-block-nodes", "human-monitor-command", "device-list-properties")) {
            vm.answers.put(command, arguments -> answer(command, arguments));
        }
        monitor = VmMonitor.open(vm.path, Duration.ofSeconds(10), () -> {});
        monitor.negotiate();
    }

    @AfterEach
    void disconnect() {
        monitor.close();
        vm.close();
    }

    private Hotplugged look(String... arguments) throws QmpException {
        return Hotplugged.of(monitor::execute, List.of(arguments));
    }

    @Test
    void everythingThatIsOnNoCommandLineIsAddedAgainInOrder() throws Exception {
        Hotplugged found = look("-M", "virt");
        assertThat(found.findings()).isEmpty();
        assertThat(found.commands())
                .extracting(PlugCommand::subject)
                .containsExactly("object rng0", "disk data", "network n1", "device card");
        assertThat(found.commands().get(1).arguments())
                .hasToString(JSON.readTree("""
                    {"driver":"raw","node-name":"data","read-only":true,"cache":{"direct":true,"no-flush":false},\
                    "file":{"driver":"file","filename":"/var/data.img"}}\
                    """).toString());
        assertThat(found.commands().get(3).arguments())
                .hasToString(JSON.readTree("""
                    {"driver":"virtio-net-device","id":"card","mac":"52:54:00:12:34:56","netdev":"n1",\
                    "bus":"virtio-mmio-bus.3"}\
                    """).toString());
        List<String> given = new ArrayList<>();
        found.addTo((command, arguments) -> {
            given.add(command);
            return JSON.nullNode();
        });
        assertThat(given).containsExactly("object-add", "blockdev-add", "netdev_add", "device_add");
    }

    @Test
    void whatTheCommandLineNamesIsThereAlready() throws Exception {
        assertThat(look(
                                "-netdev",
                                "user,id=n1",
                                "-blockdev",
                                "{\"node-name\":\"data\"}",
                                "-object",
                                "rng-builtin,id=rng0")
                        .commands())
                .extracting(PlugCommand::subject)
                .containsExactly("device card");
        assertThat(look("-netdev", "user,id=n10").commands())
                .extracting(PlugCommand::subject)
                .contains("network n1");
    }

    @Test
    void whatDoesNotTellHowItWasMadeIsRefused() throws Exception {
        answers.put("qom-list /objects", "[{'name':'s0','type':'child<secret>'}]");
        answers.put("query-named-block-nodes", "[{'node-name':'data','drv':'nbd','file':'nbd://h'}]");
        answers.put("info usernet", "'Hub -1 (n1):\\n  TCP[HOST_FORWARD]  12\\n'");
        answers.put("qom-list /machine/peripheral-anon", "[{'name':'device[0]','type':'child<virtio-rng-device>'}]");
        answers.put("qom-get /machine/peripheral-anon/device[0] hotplugged", "true");
        assertThat(look().findings())
                .extracting(finding -> finding.subject())
                .containsExactly("object s0", "disk data", "network n1", "device /machine/peripheral-anon/device[0]");
    }

    @Test
    void onlyWhatAnotherProcessHasNotIsMissing() throws Exception {
        Hotplugged all = look();
        Hotplugged some = new Hotplugged(all.commands().subList(0, 2), List.of());
        assertThat(all.without(some).commands()).isEqualTo(all.commands().subList(2, 4));
    }

    @Test
    void aRefusalEndsTheAdding() throws Exception {
        Hotplugged all = look();
        assertThatThrownBy(() -> all.addTo(monitor::execute)).isInstanceOf(QmpException.ErrorReply.class);
    }
}
