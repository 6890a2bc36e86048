# Every image for every architecture, from the repository's root:
#   docker buildx bake -f compose/docker-bake.hcl --push
# needs a builder of the docker-container driver, and QEMU for the foreign architecture.

variable "IMAGE_PREFIX" { default = "calmloop" }
variable "IMAGE_TAG" { default = "local" }
variable "PLATFORMS" { default = "linux/arm64,linux/amd64" }

group "default" {
  targets = ["service", "camera-gstreamer", "init", "chair-sim", "fleet-centre"]
}

target "image" {
  context   = "."
  platforms = split(",", PLATFORMS)
}

target "service" {
  inherits   = ["image"]
  name       = image.name
  dockerfile = "services/Dockerfile"
  args       = image.args
  tags       = ["${IMAGE_PREFIX}/${image.tag}"]
  matrix = { image = [
    # made by `make services`: services
    { name = "camera", tag = "camera:${IMAGE_TAG}", args = { SERVICE = "camera" } },
    { name = "face-detector", tag = "face-detector:${IMAGE_TAG}", args = { SERVICE = "face-detector" } },
    { name = "emotion-classifier-litert", tag = "emotion-classifier:${IMAGE_TAG}-litert", args = { SERVICE = "emotion-classifier", LOCK = "emotion-classifier-litert" } },
    { name = "emotion-classifier-tflite", tag = "emotion-classifier:${IMAGE_TAG}-tflite", args = { SERVICE = "emotion-classifier", LOCK = "emotion-classifier-tflite" } },
    { name = "scenario-selector", tag = "scenario-selector:${IMAGE_TAG}", args = { SERVICE = "scenario-selector" } },
    { name = "actuator-bridge", tag = "actuator-bridge:${IMAGE_TAG}", args = { SERVICE = "actuator-bridge", LIBRARY = "firmware-bridge" } },
    { name = "safety-watchdog", tag = "safety-watchdog:${IMAGE_TAG}", args = { SERVICE = "safety-watchdog" } },
    { name = "heart-monitor", tag = "heart-monitor:${IMAGE_TAG}", args = { SERVICE = "heart-monitor" } },
    { name = "voice-listener", tag = "voice-listener:${IMAGE_TAG}", args = { SERVICE = "voice-listener", PACKAGES = "libportaudio2" } },
    { name = "sound-player", tag = "sound-player:${IMAGE_TAG}", args = { SERVICE = "sound-player", PACKAGES = "libportaudio2" } },
    { name = "caregiver-console", tag = "caregiver-console:${IMAGE_TAG}", args = { SERVICE = "caregiver-console", PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" } },
    { name = "session-log", tag = "session-log:${IMAGE_TAG}", args = { SERVICE = "session-log" } },
    { name = "metrics-exporter", tag = "metrics-exporter:${IMAGE_TAG}", args = { SERVICE = "metrics-exporter" } },
    { name = "home-assistant", tag = "home-assistant:${IMAGE_TAG}", args = { SERVICE = "home-assistant" } },
    { name = "fleet-link", tag = "fleet-link:${IMAGE_TAG}", args = { SERVICE = "fleet-link" } },
    # end of services
  ] }
}

# The camera with what opens a Raspberry Pi's camera module: camera-module.compose.yaml.
target "camera-gstreamer" {
  inherits   = ["image"]
  dockerfile = "services/Dockerfile"
  args = {
    SERVICE  = "camera"
    PACKAGES = "python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-base gstreamer1.0-libcamera"
  }
  tags = ["${IMAGE_PREFIX}/camera:${IMAGE_TAG}-gstreamer"]
}

target "init" {
  inherits   = ["image"]
  dockerfile = "compose/init/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/init:${IMAGE_TAG}"]
}

target "fleet-centre" {
  inherits   = ["image"]
  dockerfile = "compose/fleet/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/fleet-centre:${IMAGE_TAG}"]
}

target "chair-sim" {
  inherits   = ["image"]
  dockerfile = "firmware-bridge/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/chair-sim:${IMAGE_TAG}"]
}
