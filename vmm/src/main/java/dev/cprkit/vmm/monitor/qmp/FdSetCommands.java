package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.FdSets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Sets of open files: add-fd, remove-fd, query-fdsets. */
public final class FdSetCommands {
    private final QmpServer server;
    private final FdSets sets;

    public FdSetCommands(QmpServer server, FdSets sets) {
        this.server = server;
        this.sets = sets;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("add-fd", this::add);
        registry.add("remove-fd", this::remove);
        registry.add("query-fdsets", this::query);
    }

    private JsonValue add(QmpArguments arguments) throws QmpError {
        int[] passed = server.takeDescriptors();
        int taken = 0;
        try {
            if (passed.length == 0) {
                throw QmpError.generic("No file descriptor supplied via SCM_RIGHTS");
            }
            OptionalLong set = arguments.optionalInteger("fdset-id");
            if (set.isPresent() && set.getAsLong() < 0) {
                throw QmpError.generic("Parameter 'fdset-id' expects a non-negative value");
            }
            int fd = passed[taken++];
            return new JsonObject()
                    .put("fdset-id", sets.add(set, fd, arguments.optionalString("opaque")))
                    .put("fd", fd);
        } finally {
            for (int i = taken; i < passed.length; i++) {
                Fds.close(passed[i]);
            }
        }
    }

    private JsonValue remove(QmpArguments arguments) throws QmpError {
        long set = arguments.optionalInteger("fdset-id").orElseThrow();
        OptionalLong fd = arguments.optionalInteger("fd");
        if (!sets.remove(set, fd)) {
            throw QmpError.generic("File descriptor named 'fdset-id:" + set
                    + (fd.isPresent() ? ", fd:" + fd.getAsLong() : "") + "' not found");
        }
        return new JsonObject();
    }

    private JsonValue query(QmpArguments arguments) {
        JsonArray list = new JsonArray();
        for (Map.Entry<Long, List<FdSets.Member>> set : sets.all().entrySet()) {
            JsonArray fds = new JsonArray();
            for (FdSets.Member member : set.getValue()) {
                JsonObject fd = new JsonObject().put("fd", member.fd());
                member.opaque().ifPresent(text -> fd.put("opaque", text));
                fds.add(fd);
            }
            list.add(new JsonObject().put("fdset-id", set.getKey()).put("fds", fds));
        }
        return list;
    }
}
