# Every image for every architecture, from the repository's root:
#   docker buildx bake -f compose/docker-bake.hcl --push
# needs a builder of the docker-container driver, and QEMU for the foreign architecture.

variable "IMAGE_PREFIX" { default = "calmloop" }
variable "IMAGE_TAG" { default = "local" }
variable "PLATFORMS" { default = "linux/arm64,linux/amd64" }

group "default" {
  targets = ["service", "emotion-classifier", "init", "chair-sim"]
}

target "image" {
  context   = "."
  platforms = split(",", PLATFORMS)
}

target "service" {
  inherits   = ["image"]
  name       = service
  matrix     = { service = ["camera", "face-detector", "scenario-selector", "actuator-bridge", "safety-watchdog"] }
  dockerfile = "services/${service}/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/${service}:${IMAGE_TAG}"]
}

target "emotion-classifier" {
  inherits   = ["image"]
  name       = "emotion-classifier-${runtime}"
  matrix     = { runtime = ["litert", "tflite"] }
  dockerfile = "services/emotion-classifier/Dockerfile"
  args       = { RUNTIME = runtime }
  tags       = ["${IMAGE_PREFIX}/emotion-classifier:${IMAGE_TAG}-${runtime}"]
}

target "init" {
  inherits   = ["image"]
  dockerfile = "compose/init/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/init:${IMAGE_TAG}"]
}

target "chair-sim" {
  inherits   = ["image"]
  dockerfile = "firmware-bridge/Dockerfile"
  tags       = ["${IMAGE_PREFIX}/chair-sim:${IMAGE_TAG}"]
}
