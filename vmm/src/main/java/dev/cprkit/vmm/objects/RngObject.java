package dev.cprkit.vmm.objects;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.device.virtio.rng.HostEntropy;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;
import java.io.IOException;
import java.util.Optional;

/** A source of entropy. A device that reads from it has opened it for itself, and does not mind its end. */
final class RngObject extends UserObject {
    private final RngConfig config;
    private final Optional<HostEntropy> source;

    /** @param source what this object itself holds open */
    RngObject(RngConfig config, Optional<HostEntropy> source) {
        this.config = config;
        this.source = source;
    }

    /** Makes one, and finds out whether its file can be had. */
    static RngObject open(RngConfig config) throws ObjectException {
        if (!(config instanceof RngConfig.Random random)) {
            return new RngObject(config, Optional.empty());
        }
        try {
            return new RngObject(config, Optional.of(new HostEntropy(random.filename())));
        } catch (IOException e) {
            throw new ObjectException(e.getMessage(), e);
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
    void remove() throws ObjectException {
        if (source.isPresent()) {
            try {
                source.get().close();
            } catch (IOException e) {
                throw new ObjectException("cannot close the source of entropy: " + e.getMessage(), e);
            }
        }
    }
}
