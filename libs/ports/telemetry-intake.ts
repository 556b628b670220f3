/** The way in for a message that did not come over MQTT: the same guarantee, the same log. */
export interface TelemetryIntake {
  /** Resolves when the bytes are durable in the raw log as a telemetry message of the device. Rejects with the log's KengError. */
  accept(device: string, payload: Uint8Array): Promise<void>
}
