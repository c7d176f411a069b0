package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.chardev.RingbufChardev;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Chardevs that keep their output for a monitor: ringbuf-read, ringbuf-write. */
public final class RingbufCommands {
    private final Chardevs chardevs;

    public RingbufCommands(Chardevs chardevs) {
        this.chardevs = chardevs;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("ringbuf-read", this::read);
        registry.add("ringbuf-write", this::write);
    }

    private JsonValue read(QmpArguments arguments) throws QmpError {
        RingbufChardev ring = ring(arguments);
        long size = arguments.optionalInteger("size").orElseThrow(() -> arguments.missing("size"));
        if (size <= 0) {
            throw QmpError.generic("size must be greater than zero");
        }
        byte[] bytes = ring.take(size);
        return new JsonString(
                isBase64(arguments)
                        ? Base64.getEncoder().encodeToString(bytes)
                        : new String(bytes, StandardCharsets.UTF_8));
    }

    private JsonValue write(QmpArguments arguments) throws QmpError {
        RingbufChardev ring = ring(arguments);
        String data = arguments.string("data");
        byte[] bytes = isBase64(arguments) ? decoded(data) : data.getBytes(StandardCharsets.UTF_8);
        ring.write(bytes, 0, bytes.length);
        return new JsonObject();
    }

    private RingbufChardev ring(QmpArguments arguments) throws QmpError {
        try {
            return chardevs.ringbuf(arguments.string("device"));
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
    }

    private static boolean isBase64(QmpArguments arguments) throws QmpError {
        return arguments.optionalString("format").orElse("utf8").equals("base64");
    }

    private static byte[] decoded(String data) throws QmpError {
        try {
            return Base64.getDecoder().decode(data);
        } catch (IllegalArgumentException e) {
            throw QmpError.generic("Base64 data '" + data + "' is not valid");
        }
    }
}
