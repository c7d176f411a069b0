package dev.cprkit.agent.vm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.OptionList;
import java.util.Optional;

/**
 * A memory backend on a command line: the value of {@code -object}, in QEMU's own form or as JSON.
 *
 * @param text as it stands
 * @param id its name
 * @param type {@code memory-backend-…}
 * @param shared whether another process can map what the guest has in it
 * @param fixed whether its content may not be written, so that it cannot be shared for writing
 */
record MemoryObject(String text, String id, String type, boolean shared, boolean fixed) {
    private static final String PREFIX = "memory-backend-";
    private static final String SHARE = "share";
    private static final JsonMapper JSON = new JsonMapper();

    /** The memory backend in an option's value; empty if it is another object. */
    static Optional<MemoryObject> of(String text) {
        MemoryObject object = text.startsWith("{") ? json(text) : plain(text);
        return Optional.of(object).filter(o -> o.type.startsWith(PREFIX));
    }

    private static MemoryObject plain(String text) {
        OptionList options = OptionList.parse(text, "qom-type");
        String type = options.get("qom-type").orElse("");
        boolean shared = options.get(SHARE).isPresent() ? options.isOn(SHARE) : sharedByDefault(type);
        return new MemoryObject(
                text, options.get("id").orElse(""), type, shared, options.isOn("readonly") || options.isOn("rom"));
    }

    private static MemoryObject json(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return new MemoryObject(text, "", "", false, false); // the program itself will say what is wrong with it
        }
        String type = json.path("qom-type").asText();
        return new MemoryObject(
                text,
                json.path("id").asText(),
                type,
                json.path(SHARE).asBoolean(sharedByDefault(type)),
                json.path("readonly").asBoolean());
    }

    /** Memory that a descriptor stands for is shared unless told otherwise (reference/qemu-cpr.md, section 1.6). */
    private static boolean sharedByDefault(String type) {
        return type.equals(PREFIX + "memfd") || type.equals(PREFIX + "shm");
    }

    /** The same memory, but shared: anonymous memory becomes a memfd, a file stays that file. */
    String madeShared() {
        String next = type.equals(PREFIX + "ram") ? PREFIX + "memfd" : type;
        if (text.startsWith("{")) {
            try {
                ObjectNode json = (ObjectNode) JSON.readTree(text);
                return json.put("qom-type", next).put(SHARE, true).toString();
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e); // it was read before
            }
        }
        return OptionList.parse(text, "qom-type")
                .with("qom-type", next)
                .with(SHARE, "on")
                .format();
    }
}
