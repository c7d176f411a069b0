package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.chardev.Peer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YankCommandsTest {
    @TempDir
    private Path folder;

    private MonitorFixture monitors;

    @BeforeEach
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
    }

    @AfterEach
    void stop() {
        monitors.close();
    }

    @Test
    void socketsAreListedFromWhenTheyAreThereToWhenTheyAreRemoved() throws Exception {
        add("s");
        add("t");
        monitors.run("chardev-add", "{'id':'n','backend':{'type':'null','data':{}}}");
        assertThat(monitors.run("query-yank", "{}")).isEqualTo(list("s", "t"));
        monitors.run("chardev-change", "{'id':'s','backend':" + server("other") + "}");
        assertThat(monitors.run("query-yank", "{}")).isEqualTo(list("s", "t"));
        monitors.run("chardev-change", "{'id':'s','backend':{'type':'null','data':{}}}");
        assertThat(monitors.run("query-yank", "{}")).isEqualTo(list("t"));
        monitors.run("chardev-remove", "{'id':'t'}");
        assertThat(monitors.run("query-yank", "{}")).isEqualTo("[]");
    }

    @Test
    void aMonitorsOwnClientIsTornOffAndTheNextIsServed() throws Exception {
        try (Peer hung = monitors.negotiated("q")) {
            assertThat(monitors.run("yank", "{'instances':[{'type':'chardev','id':'q'}]}"))
                    .isEqualTo("{}");
            assertThat(hung.readAll()).isEmpty();
        }
        assertThat(monitors.run("query-yank", "{}")).isEqualTo(list("q"));
        try (Peer next = Peer.connect(monitors.path("q"))) {
            assertThat(next.readTo("\r\n")).startsWith("{\"QMP\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'instances':[{'type':'chardev','id':'s'}]}                               | {}",
                "{'instances':[]}                                                          | {}",
                "{'instances':[{'type':'chardev','id':'s'},{'type':'chardev','id':'no'}]}  | DeviceNotFound: Instance"
                        + " not found",
                "{'instances':[{'type':'migration'}]}                                      | DeviceNotFound: Instance"
                        + " not found",
                "{'instances':[{'type':'chardev'}]}                                        | GenericError: Parameter"
                        + " 'instances[0].id' is missing",
                "{'instances':[{'type':'chardev','id':'s','x':1}]}                         | GenericError: Parameter"
                        + " 'instances[0].x' is unexpected",
                "{'instances':[{'type':'migration','id':'s'}]}                             | GenericError: Parameter"
                        + " 'instances[0].id' is unexpected",
                "{'instances':[{'type':'bogus'}]}                                          | GenericError: Parameter"
                        + " 'type' does not accept value 'bogus'",
                "{}                                                                        | GenericError: Parameter"
                        + " 'instances' is missing",
            })
    void everyRequestIsAnsweredAsQemuDoes(String arguments, String answer) throws Exception {
        add("s");
        assertThat(monitors.run("yank", arguments)).isEqualTo(answer);
    }

    private void add(String id) throws Exception {
        monitors.run("chardev-add", "{'id':'" + id + "','backend':" + server(id) + "}");
    }

    private String server(String name) {
        return "{'type':'socket','data':{'addr':{'type':'unix','data':{'path':'" + monitors.path(name)
                + "'}},'server':true,'wait':false}}";
    }

    private static String list(String... ids) {
        StringBuilder list = new StringBuilder();
        for (String id : ids) {
            list.append(list.isEmpty() ? "" : ", ")
                    .append("{\"type\": \"chardev\", \"id\": \"")
                    .append(id)
                    .append("\"}");
        }
        return "[" + list + "]";
    }
}
