package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** qom-list-types: the names by which clients ask whether an accelerator, a device or a backend exists. */
public final class TypeCommands {
    private final List<Type> types;

    /**
     * A type of object.
     *
     * @param name its name
     * @param parent the name of the type that it extends; empty for the root
     * @param isAbstract whether there are only objects of its subtypes
     */
    public record Type(String name, String parent, boolean isAbstract) {}

    /** @param more types beside the built-in ones; a parent is in the list or built in */
    public TypeCommands(List<Type> more) {
        types = new ArrayList<>(BuiltIn.TYPES);
        types.addAll(more);
    }

    /** Adds the command. */
    public void register(QmpRegistry registry) {
        registry.add("qom-list-types", this::listTypes);
    }

    private JsonValue listTypes(QmpArguments arguments) throws QmpError {
        Optional<String> implemented = arguments.optionalString("implements");
        boolean withAbstract = arguments.optionalBool("abstract").orElse(true);
        arguments.end();
        JsonArray result = new JsonArray();
        for (Type type : types) {
            if ((withAbstract || !type.isAbstract())
                    && (implemented.isEmpty() || extendsType(type, implemented.get()))) {
                result.add(describe(type));
            }
        }
        return result;
    }

    private static JsonObject describe(Type type) {
        JsonObject one = new JsonObject().put("name", type.name());
        if (type.isAbstract()) {
            one.put("abstract", true);
        }
        if (!type.parent().isEmpty()) {
            one.put("parent", type.parent());
        }
        return one;
    }

    private boolean extendsType(Type type, String ancestor) {
        for (Optional<Type> t = Optional.of(type);
                t.isPresent();
                t = find(t.get().parent())) {
            if (t.get().name().equals(ancestor)) {
                return true;
            }
        }
        return false;
    }

    private Optional<Type> find(String name) {
        for (Type type : types) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** What every machine of this program has, under QEMU's names. Made when somebody asks. */
    private static final class BuiltIn {
        static final List<Type> TYPES = List.of(
                new Type("object", "", true),
                new Type("accel", "object", true),
                new Type("tcg-accel", "accel", false),
                new Type("machine", "object", true),
                new Type("none-machine", "machine", false),
                new Type("virt-machine", "machine", false),
                new Type("device", "object", true),
                new Type("sys-bus-device", "device", true),
                new Type("cpu", "device", true),
                new Type("riscv-cpu", "cpu", true),
                new Type("rv64-riscv-cpu", "riscv-cpu", false),
                new Type("riscv.hart_array", "sys-bus-device", false),
                new Type("riscv.sifive.plic", "sys-bus-device", false),
                new Type("riscv.aclint.mtimer", "sys-bus-device", false),
                new Type("riscv.aclint.swi", "sys-bus-device", false),
                new Type("serial", "device", false),
                new Type("serial-mm", "sys-bus-device", false),
                new Type("goldfish_rtc", "sys-bus-device", false),
                new Type("virtio-mmio", "sys-bus-device", false),
                new Type("virtio-device", "device", true),
                new Type("virtio-rng-device", "virtio-device", false),
                new Type("memory-backend", "object", true),
                new Type("memory-backend-ram", "memory-backend", false),
                new Type("memory-backend-file", "memory-backend", false),
                new Type("memory-backend-memfd", "memory-backend", false),
                new Type("memory-backend-shm", "memory-backend", false),
                new Type("memory-backend-epc", "memory-backend", false),
                new Type("monitor-qmp", "object", false),
                new Type("monitor-hmp", "object", false));
    }
}
