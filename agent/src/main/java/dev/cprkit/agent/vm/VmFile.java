package dev.cprkit.agent.vm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The file {@code vm.json} of one VM. It is there whole, or not at all, whenever the host loses power. */
final class VmFile {
    static final String NAME = "vm.json";

    private static final String SCHEMA = "cprkit/1";
    private static final JsonMapper JSON = new JsonMapper();

    /** Far more than any command line that the kernel takes needs. */
    private static final long MOST_BYTES = 8L << 20;

    private VmFile() {}

    /**
     * Reads it.
     *
     * @throws IOException if it is not there, or is not such a file; the message is a sentence
     */
    static VmRecord read(Path file, VmName name) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw damaged(file, "it has more than " + MOST_BYTES + " bytes");
        }
        JsonNode json;
        try {
            json = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw damaged(file, "it is not JSON");
        }
        if (!json.path("schema").asText().equals(SCHEMA)) {
            throw damaged(file, "its schema is not " + SCHEMA);
        }
        if (!json.path("name").asText().equals(name.text())) {
            throw damaged(file, "it is not about " + name);
        }
        String qmp = json.path("qmp").asText();
        if (!qmp.startsWith("/")) {
            throw damaged(file, "it names no QMP socket");
        }
        List<String> command = new ArrayList<>();
        json.path("command").forEach(word -> command.add(word.asText()));
        return new VmRecord(name, origin(file, json), Path.of(qmp), command, since(file, json));
    }

    private static VmRecord.Origin origin(Path file, JsonNode json) throws IOException {
        for (VmRecord.Origin origin : VmRecord.Origin.values()) {
            if (json.path("origin").asText().equals(originName(origin))) {
                return origin;
            }
        }
        throw damaged(file, "it does not tell whether the VM was launched or adopted");
    }

    private static Instant since(Path file, JsonNode json) throws IOException {
        try {
            return Instant.parse(json.path("since").asText());
        } catch (DateTimeParseException e) {
            throw damaged(file, "its time is not one");
        }
    }

    private static String originName(VmRecord.Origin origin) {
        return origin.name().toLowerCase(Locale.ROOT);
    }

    private static IOException damaged(Path file, String why) {
        return new IOException(file + " is damaged: " + why);
    }

    /** Writes it anew, so that a reader sees the old one or the new one; on disk when this returns. */
    static void write(Path file, VmRecord vm) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("schema", SCHEMA)
                .put("type", "vm")
                .put("name", vm.name().text())
                .put("origin", originName(vm.origin()))
                .put("qmp", vm.qmp().toString());
        vm.command().forEach(json.putArray("command")::add);
        json.put("since", vm.since().toString());
        ByteBuffer bytes = ByteBuffer.wrap((json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
        Path fresh = file.resolveSibling(NAME + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.getParent());
    }

    /** A name in a folder is on disk when the folder is (fsync(2)). */
    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
