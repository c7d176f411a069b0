package dev.cprkit.agent.hotplug;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.cprkit.proto.client.QmpException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HotpluggedNetworksTest {
    /** What QEMU 11.1 prints for its default network, and for those that options make. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "hub 0| \\ hub0port1: #net175: index=0,type=user,net=10.0.2.0,restrict=off| \\ hub0port0 => ''",
                "#net075: index=0,type=user,net=10.0.2.0,restrict=off => ''",
                "named: index=0,type=user,net=10.0.2.0,restrict=off => ''",
                "hub 0| \\ hub0port1: named: index=0,type=user,net=10.0.2.0,restrict=off => ''",
                "net1: index=0,type=nic,model=virtio-net-pci,macaddr=52:54:00:12:34:56| \\ late:"
                        + " index=0,type=user,net=10.0.2.0,restrict=off => late",
                "hub 0| \\ hub0port1: nam: index=0,type=user,net=10.0.2.0,restrict=off => nam",
            })
    void onlyWhatCameWhileTheVmRanIsGivenToTheNextProcess(String printed, String added) throws QmpException {
        Qmp vm = (command, arguments) -> answer(
                arguments.path("command-line").asText().equals("info network") ? printed.replace("|", "\r\n") : "");
        Hotplugged found = Hotplugged.of(vm, List.of("-netdev", "user,id=named"));
        assertThat(found.findings()).isEmpty();
        assertThat(found.commands().stream()
                        .map(command -> command.command() + " "
                                + command.arguments().path("id").asText()))
                .isEqualTo(added.isEmpty() ? List.of() : List.of("netdev_add " + added));
    }

    private static JsonNode answer(String text) {
        return text.isEmpty() ? JsonNodeFactory.instance.arrayNode() : new TextNode(text);
    }
}
