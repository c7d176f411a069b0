package dev.cprkit.agent.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.QemuOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@code -device} on a command line.
 *
 * @param id empty if it has none
 */
record DeviceOption(String driver, String id) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Those of a command line; one that waits for its partner to be unplugged is no device yet. */
    static List<DeviceOption> all(List<QemuOption> options) {
        List<DeviceOption> devices = new ArrayList<>();
        for (QemuOption option : options) {
            String value = option.value().orElse("");
            if (option.name().equals("device") && !value.contains("failover_pair_id")) {
                devices.add(of(value));
            }
        }
        return devices;
    }

    private static DeviceOption of(String value) {
        if (value.startsWith("{")) {
            try {
                JsonNode json = JSON.readTree(value);
                return new DeviceOption(
                        json.path("driver").asText(), json.path("id").asText(""));
            } catch (JsonProcessingException e) {
                return new DeviceOption("", ""); // the old process would not have started
            }
        }
        OptionList list = OptionList.parse(value, "driver");
        return new DeviceOption(list.get("driver").orElse(""), list.get("id").orElse(""));
    }

    /** Whether a device of that type can be this one: {@code virtio-net} is short for {@code virtio-net-pci}. */
    boolean isOf(String type) {
        return type.equals(driver) || type.startsWith(driver + "-");
    }
}
