package dev.cprkit.proto.qapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationUriTest {
    @Test
    void readsEveryForm() throws AddressException {
        assertThat(MigrationUri.parse("tcp:localhost:4444")).isEqualTo(inet("localhost", "4444"));
        assertThat(MigrationUri.parse("tcp::0")).isEqualTo(inet("", "0"));
        assertThat(MigrationUri.parse("tcp:[::1]:4444")).isEqualTo(inet("::1", "4444"));
        assertThat(MigrationUri.parse("unix:/run/a,b")).isEqualTo(socket(new SocketAddress.Unix("/run/a,b")));
        assertThat(MigrationUri.parse("vsock:2:77")).isEqualTo(socket(new SocketAddress.Vsock("2", "77")));
        assertThat(MigrationUri.parse("fd:main")).isEqualTo(socket(new SocketAddress.Fd("main")));
        assertThat(MigrationUri.parse("exec:cat > x"))
                .isEqualTo(new MigrationAddress.Exec(List.of("/bin/sh", "-c", "cat > x")));
        assertThat(MigrationUri.parse("rdma:host:9")).isEqualTo(new MigrationAddress.Rdma("host", "9"));
        assertThat(MigrationUri.parse("file:/tmp/x")).isEqualTo(new MigrationAddress.File("/tmp/x", 0));
    }

    @Test
    void readsOffsetsOfFiles() throws AddressException {
        assertThat(MigrationUri.parse("file:/x,offset=0x1000")).isEqualTo(new MigrationAddress.File("/x", 4096));
        assertThat(MigrationUri.parse("file:/x,offset=2M")).isEqualTo(new MigrationAddress.File("/x", 2 << 20));
        assertThat(MigrationUri.parse("file:/x,offset=1.5k")).isEqualTo(new MigrationAddress.File("/x", 1536));
        for (String bad : List.of("", "x", "0x", "1q", "1e3", "1,offset=2")) {
            fails("file:/x,offset=" + bad, "file URI has bad offset " + bad + ": Invalid argument");
        }
        for (String far : List.of("-1", "99999999999999999999", "16E")) {
            fails("file:/x,offset=" + far, "file URI has bad offset " + far + ": Numerical result out of range");
        }
    }

    @Test
    void readsInetOptions() throws AddressException {
        MigrationAddress address = MigrationUri.parse("tcp:h:1,ipv4=off,ipv6,to=9");
        assertThat(address)
                .isInstanceOfSatisfying(
                        MigrationAddress.Socket.class,
                        s -> assertThat(s.address()).isInstanceOfSatisfying(SocketAddress.Inet.class, i -> {
                            assertThat(i.options().ipv4()).isEqualTo(Optional.of(false));
                            assertThat(i.options().ipv6()).isEqualTo(Optional.of(true));
                            assertThat(i.options().to()).hasValue(9);
                        }));
        fails("tcp:h:1,nosuch=1", "Invalid parameter 'nosuch'");
    }

    @Test
    void refusesOthers() {
        fails("nosuch:x", "unknown migration protocol: nosuch:x");
        fails("tcp:host", "error parsing address 'host'");
        fails("tcp:host:", "error parsing address 'host:'");
        fails("unix:", "invalid Unix socket address");
        fails("vsock:2", "error parsing address '2'");
    }

    private static void fails(String uri, String message) {
        assertThatThrownBy(() -> MigrationUri.parse(uri))
                .isInstanceOf(AddressException.class)
                .hasMessage(message);
    }

    private static MigrationAddress socket(SocketAddress address) {
        return new MigrationAddress.Socket(address);
    }

    private static MigrationAddress inet(String host, String port) {
        return socket(new SocketAddress.Inet(host, port));
    }
}
