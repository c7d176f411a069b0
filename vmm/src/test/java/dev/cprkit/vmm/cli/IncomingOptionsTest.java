package dev.cprkit.vmm.cli;

import static dev.cprkit.vmm.cli.CommandLines.machine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.machine.config.IncomingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class IncomingOptionsTest {
    private static final String CPR = "cpr,addr.transport=socket,addr.type=unix,addr.path=/run/a,,b:c";

    private static MigrationChannel channel(String text) throws CommandLineException {
        List<IncomingConfig> incoming = machine("-incoming", text).incoming();
        assertThat(incoming).hasSize(1);
        assertThat(incoming.getFirst()).isInstanceOf(IncomingConfig.Channel.class);
        assertThat(incoming.getFirst().text()).isEqualTo(text);
        return ((IncomingConfig.Channel) incoming.getFirst()).channel();
    }

    private static MigrationAddress socket(SocketAddress address) {
        return new MigrationAddress.Socket(address);
    }

    @Test
    void isDeferred() throws Exception {
        assertThat(machine("-incoming", "defer").incoming()).containsExactly(new IncomingConfig.Deferred("defer"));
    }

    @Test
    void readsUris() throws Exception {
        assertThat(channel("unix:/run/m")).isEqualTo(MigrationChannel.main(socket(new SocketAddress.Unix("/run/m"))));
        assertThat(channel("tcp:[::1]:4444").address()).isEqualTo(socket(new SocketAddress.Inet("::1", "4444")));
        assertThat(channel("fd:5").address()).isEqualTo(socket(new SocketAddress.Fd("5")));
        assertThat(channel("file:/x,offset=0x10").address()).isEqualTo(new MigrationAddress.File("/x", 16));
        assertThat(channel("exec:cat f").address())
                .isEqualTo(new MigrationAddress.Exec(List.of("/bin/sh", "-c", "cat f")));
    }

    @Test
    void readsDottedKeys() throws Exception {
        assertThat(channel(CPR)).isEqualTo(MigrationChannel.cpr(socket(new SocketAddress.Unix("/run/a,b:c"))));
        assertThat(channel("channel-type=cpr,addr.transport=socket,addr.type=fd,addr.str=7"))
                .isEqualTo(MigrationChannel.cpr(socket(new SocketAddress.Fd("7"))));
        assertThat(channel("main,addr.transport=socket,addr.type=unix,addr.path=n,addr.abstract=on,addr.tight=off"))
                .isEqualTo(MigrationChannel.main(socket(new SocketAddress.Unix("n", true, false))));
        assertThat(channel("main,addr.transport=exec,addr.args.0=/bin/a,addr.args.1=b")
                        .address())
                .isEqualTo(new MigrationAddress.Exec(List.of("/bin/a", "b")));
        assertThat(channel("main,addr.transport=file,addr.filename=/x,addr.offset=0x1000")
                        .address())
                .isEqualTo(new MigrationAddress.File("/x", 4096));
    }

    @Test
    void readsJson() throws Exception {
        assertThat(channel("{\"channel-type\":\"main\",\"addr\":{\"transport\":\"socket\",\"type\":\"inet\","
                        + "\"host\":\"h\",\"port\":\"1\",\"ipv4\":true,\"to\":9}}"))
                .satisfies(channel -> {
                    SocketAddress.Inet inet =
                            (SocketAddress.Inet) ((MigrationAddress.Socket) channel.address()).address();
                    assertThat(inet.host()).isEqualTo("h");
                    assertThat(inet.port()).isEqualTo("1");
                    assertThat(inet.options().ipv4()).contains(true);
                    assertThat(inet.options().to()).hasValue(9);
                });
        assertThat(channel("{\"channel-type\":\"main\",\"addr\":{\"transport\":\"exec\",\"args\":[\"a\",\"b\"]}}"))
                .isEqualTo(MigrationChannel.main(new MigrationAddress.Exec(List.of("a", "b"))));
    }

    @Test
    void keepsTheLastOfEachType() throws Exception {
        List<IncomingConfig> incoming = machine(
                        "-incoming", CPR, "-incoming", "unix:/a", "-incoming", "defer", "-incoming", "tcp:h:1")
                .incoming();
        assertThat(incoming).extracting(IncomingConfig::text).containsExactly("tcp:h:1", CPR);
        assertThat(machine("-incoming", "tcp:h:1", "-incoming", "defer").incoming())
                .containsExactly(new IncomingConfig.Deferred("defer"));
        assertThat(machine("-incoming", CPR).incoming()).hasSize(1);
    }
}
