package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.qom.QomNode;
import java.util.function.Supplier;

/** How a chardev shows in the tree of objects; {@code filename} is where it leads. Stateless. */
final class ChardevNode {
    private ChardevNode() {}

    static QomNode of(ChardevConfig config, Supplier<String> filename, boolean shared) {
        if (shared) {
            return new QomNode("chardev-mux");
        }
        return switch (config) {
            case ChardevConfig.Stdio ignored -> new QomNode("chardev-stdio");
            case ChardevConfig.File ignored -> new QomNode("chardev-file");
            case ChardevConfig.Pty ignored -> new QomNode("chardev-pty");
            case ChardevConfig.Pipe ignored -> new QomNode("chardev-pipe");
            case ChardevConfig.Ringbuf ringbuf -> new QomNode("chardev-" + ringbuf.name());
            case ChardevConfig.Null ignored -> new QomNode("chardev-null");
            case ChardevConfig.Socket socket ->
                new QomNode("chardev-socket")
                        .put("connected", () -> new JsonBool(!filename.get().startsWith("disconnected:")))
                        .put("addr", address(socket.target()));
        };
    }

    /** QAPI {@code SocketAddress}. */
    private static JsonObject address(SocketTarget target) {
        return switch (target) {
            case SocketTarget.Unix unix -> new JsonObject().put("type", "unix").put("path", unix.path());
            case SocketTarget.Inet inet ->
                new JsonObject()
                        .put("type", "inet")
                        .put("host", inet.host())
                        .put("port", Integer.toString(inet.port()));
            case SocketTarget.Fd(int fd) -> new JsonObject().put("type", "fd").put("str", Integer.toString(fd));
        };
    }
}
