package dev.cprkit.vmm.objects;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;

/** A source of entropy. A device that reads from it has opened it for itself, and does not mind its end. */
final class RngObject extends UserObject {
    private static final int NONE = -1;

    private final RngConfig config;
    private final int fd;

    private RngObject(RngConfig config, int fd) {
        this.config = config;
        this.fd = fd;
    }

    /** One that the command line asked for. */
    static RngObject of(RngConfig config) {
        return new RngObject(config, NONE);
    }

    /** Makes one, and holds its file open. */
    static RngObject open(RngConfig config) throws ObjectException {
        if (!(config instanceof RngConfig.Random random)) {
            return of(config);
        }
        String path = random.filename().toString();
        try {
            return new RngObject(config, Fds.open(path, Fds.O_RDONLY | Fds.O_NONBLOCK, 0));
        } catch (ErrnoException e) {
            throw new ObjectException("Could not open '" + path + "': " + e.text(), e);
        }
    }

    @Override
    QomNode makeNode() {
        QomNode node = new QomNode(new ObjectConfig.Rng(config).typeName()).put("opened", new JsonBool(true));
        if (config instanceof RngConfig.Random random) {
            node.put("filename", new JsonString(random.filename().toString())).onSet("filename", value -> {
                throw QomException.of("Property 'filename' can no longer be set");
            });
        }
        return node;
    }

    @Override
    void remove() {
        if (fd != NONE) {
            Fds.close(fd);
        }
    }
}
