package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Descriptors that clients pass and name for later commands: getfd, closefd. It owns them until they are taken or closed.
 * The names are the process's, not each monitor's. Main loop's thread with the machine lock held.
 */
public final class DescriptorCommands {
    private final QmpServer server;
    private final Map<String, Integer> named = new HashMap<>();

    public DescriptorCommands(QmpServer server) {
        this.server = server;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("getfd", this::getFd);
        registry.add("closefd", this::closeFd);
    }

    /** The descriptor of that name, which is the caller's from now on and forgotten here. */
    public OptionalInt take(String name) {
        Integer fd = named.remove(name);
        return fd == null ? OptionalInt.empty() : OptionalInt.of(fd);
    }

    private JsonValue getFd(QmpArguments arguments) throws QmpError {
        name(arguments.string("fdname"), server.takeDescriptors());
        return new JsonObject();
    }

    /** Names the first of the descriptors that came with a request, which are its to close. */
    public void name(String name, int[] passed) throws QmpError {
        int taken = 0;
        try {
            if (passed.length == 0) {
                throw QmpError.generic("No file descriptor supplied via SCM_RIGHTS");
            }
            if (!name.isEmpty() && name.charAt(0) >= '0' && name.charAt(0) <= '9') {
                throw QmpError.generic("Parameter 'fdname' expects a name not starting with a digit");
            }
            Integer before = named.put(name, passed[taken++]);
            if (before != null) {
                Fds.close(before);
            }
        } finally {
            for (int i = taken; i < passed.length; i++) {
                Fds.close(passed[i]);
            }
        }
    }

    private JsonValue closeFd(QmpArguments arguments) throws QmpError {
        String name = arguments.string("fdname");
        OptionalInt fd = take(name);
        if (fd.isEmpty()) {
            throw QmpError.generic("File descriptor named '" + name + "' not found");
        }
        Fds.close(fd.getAsInt());
        return new JsonObject();
    }
}
