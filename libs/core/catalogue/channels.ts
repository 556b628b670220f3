/** The channels that Kẻng knows (contract.md, section 2): unit, names, and the range outside of which a value is flagged. */

export interface Channel {
  /** UCUM code as the contract writes it, or `bool`. */
  readonly unit: string
  /** The unit as people read it; empty where there is none. */
  readonly shown: string
  readonly vi: string
  readonly en: string
  /** Physical range in `unit`, both ends included. Outside, a reading is stored and flagged `out-of-range`. */
  readonly range: readonly [min: number, max: number]
  /**
   * Where the range comes from. `definition`: a share, an angle, a scale, a state. `source`: domain.md names figures
   * that must lie inside. `chosen`: our own bound, not confirmed by a source, wide enough to hold what sensors send.
   */
  readonly basis: 'definition' | 'source' | 'chosen'
  /** The step in which such sensors usually report: how many decimals are worth showing. */
  readonly step: number
}

const PERCENT = [0, 100] as const
const STATE = [0, 1] as const
// Gauge pressure: a full vacuum is -100 kPa; pipes of a rural supply burst long before 2.5 MPa.
const PIPE = [-101.4, 2500] as const

// biome-ignore format: one row a channel reads as the table it is
const CHANNELS = {
  'water.ph': { unit: 'pH', shown: 'pH', vi: 'Độ pH của nước', en: 'Water pH', range: [0, 14], basis: 'definition', step: 0.01 },
  // Height over the gauge's own zero: a tide goes below it, a reservoir in the mountains gives metres above sea level.
  'water.level': { unit: 'm', shown: 'm', vi: 'Mực nước', en: 'Water level', range: [-100, 3200], basis: 'chosen', step: 0.01 },
  'water.turbidity': { unit: '[NTU]', shown: 'NTU', vi: 'Độ đục', en: 'Turbidity', range: [0, 10_000], basis: 'chosen', step: 0.1 },
  'water.conductivity': { unit: 'uS/cm', shown: 'µS/cm', vi: 'Độ dẫn điện của nước', en: 'Water conductivity', range: [0, 300_000], basis: 'chosen', step: 1 },
  'water.salinity': { unit: 'g/L', shown: 'g/L', vi: 'Độ mặn', en: 'Salinity', range: [0, 400], basis: 'chosen', step: 0.01 },
  'water.dissolved_oxygen': { unit: 'mg/L', shown: 'mg/L', vi: 'Ôxy hòa tan', en: 'Dissolved oxygen', range: [0, 60], basis: 'chosen', step: 0.01 },
  'water.temperature': { unit: 'Cel', shown: '°C', vi: 'Nhiệt độ nước', en: 'Water temperature', range: [-5, 100], basis: 'chosen', step: 0.1 },
  'water.ammonium': { unit: 'mg/L', shown: 'mg/L', vi: 'Amoni', en: 'Ammonium', range: [0, 1000], basis: 'chosen', step: 0.01 },
  'water.chlorine': { unit: 'mg/L', shown: 'mg/L', vi: 'Clo dư tự do', en: 'Free residual chlorine', range: [0, 100], basis: 'chosen', step: 0.01 },
  'water.orp': { unit: 'mV', shown: 'mV', vi: 'Thế ôxy hóa khử', en: 'Oxidation-reduction potential', range: [-2000, 2000], basis: 'chosen', step: 1 },
  'water.cod': { unit: 'mg/L', shown: 'mg/L', vi: 'Nhu cầu ôxy hóa học (COD)', en: 'Chemical oxygen demand', range: [0, 100_000], basis: 'chosen', step: 0.1 },
  'water.tss': { unit: 'mg/L', shown: 'mg/L', vi: 'Chất rắn lơ lửng (TSS)', en: 'Total suspended solids', range: [0, 100_000], basis: 'chosen', step: 0.1 },
  'water.pressure': { unit: 'kPa', shown: 'kPa', vi: 'Áp suất nước', en: 'Water pressure', range: PIPE, basis: 'chosen', step: 1 },
  // Negative is backwards, as behind a tidal sluice.
  'water.flow': { unit: 'm3/h', shown: 'm³/h', vi: 'Lưu lượng nước', en: 'Water flow', range: [-1_000_000, 1_000_000], basis: 'chosen', step: 0.1 },
  'soil.moisture': { unit: '%', shown: '%', vi: 'Độ ẩm đất', en: 'Soil moisture', range: PERCENT, basis: 'definition', step: 0.1 },
  'soil.temperature': { unit: 'Cel', shown: '°C', vi: 'Nhiệt độ đất', en: 'Soil temperature', range: [-40, 85], basis: 'chosen', step: 0.1 },
  'soil.conductivity': { unit: 'uS/cm', shown: 'µS/cm', vi: 'Độ dẫn điện của đất', en: 'Soil conductivity', range: [0, 100_000], basis: 'chosen', step: 1 },
  // 0 is the soil's surface; IRRI's dry limit is -15 cm (domain.md, C4), a flooded field stands well below two metres.
  'paddy.level': { unit: 'cm', shown: 'cm', vi: 'Mực nước ruộng', en: 'Paddy water level', range: [-100, 200], basis: 'chosen', step: 0.1 },
  'irrigation.valve': { unit: 'bool', shown: '', vi: 'Van tưới mở', en: 'Irrigation valve open', range: STATE, basis: 'definition', step: 1 },
  'irrigation.pressure': { unit: 'kPa', shown: 'kPa', vi: 'Áp suất đường ống tưới', en: 'Irrigation pressure', range: PIPE, basis: 'chosen', step: 1 },
  'irrigation.pulses': { unit: '1', shown: '', vi: 'Số xung đồng hồ tưới', en: 'Irrigation meter pulses', range: [0, Number.MAX_SAFE_INTEGER], basis: 'definition', step: 1 },
  // Beside a straw fire 29 mg/m³ of PM2.5, 37 of PM10 and 56 of CO were measured (domain.md, C5): these must stay inside.
  'air.pm25': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Bụi mịn PM2.5', en: 'PM2.5', range: [0, 100_000], basis: 'source', step: 1 },
  'air.pm10': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Bụi PM10', en: 'PM10', range: [0, 100_000], basis: 'source', step: 1 },
  'air.co': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Khí CO', en: 'Carbon monoxide', range: [0, 1_200_000], basis: 'source', step: 1 },
  'air.no2': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Khí NO2', en: 'Nitrogen dioxide', range: [0, 50_000], basis: 'chosen', step: 1 },
  'air.so2': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Khí SO2', en: 'Sulphur dioxide', range: [0, 50_000], basis: 'chosen', step: 1 },
  'air.o3': { unit: 'ug/m3', shown: 'µg/m³', vi: 'Khí ôzôn', en: 'Ozone', range: [0, 20_000], basis: 'chosen', step: 1 },
  'air.co2': { unit: '[ppm]', shown: 'ppm', vi: 'Khí CO2', en: 'Carbon dioxide', range: [0, 100_000], basis: 'chosen', step: 1 },
  'air.temperature': { unit: 'Cel', shown: '°C', vi: 'Nhiệt độ không khí', en: 'Air temperature', range: [-50, 85], basis: 'chosen', step: 0.1 },
  'air.humidity': { unit: '%', shown: '%', vi: 'Độ ẩm không khí', en: 'Relative humidity', range: PERCENT, basis: 'definition', step: 0.1 },
  'wind.speed': { unit: 'm/s', shown: 'm/s', vi: 'Tốc độ gió', en: 'Wind speed', range: [0, 120], basis: 'chosen', step: 0.1 },
  'wind.direction': { unit: 'deg', shown: '°', vi: 'Hướng gió', en: 'Wind direction', range: [0, 360], basis: 'definition', step: 1 },
  'rain.rate': { unit: 'mm/h', shown: 'mm/h', vi: 'Cường độ mưa', en: 'Rain rate', range: [0, 2000], basis: 'chosen', step: 0.1 },
  // A share as its maker calibrated it (domain.md, 0.7): 100 need not mean full.
  'bin.fill': { unit: '%', shown: '%', vi: 'Mức đầy thùng rác', en: 'Bin fill level', range: PERCENT, basis: 'definition', step: 1 },
  // A bin on fire must stay inside.
  'bin.temperature': { unit: 'Cel', shown: '°C', vi: 'Nhiệt độ thùng rác', en: 'Bin temperature', range: [-40, 500], basis: 'chosen', step: 0.1 },
  'bin.tilt': { unit: 'bool', shown: '', vi: 'Thùng rác nghiêng', en: 'Bin tilted', range: STATE, basis: 'definition', step: 1 },
  'device.battery': { unit: '%', shown: '%', vi: 'Mức pin', en: 'Battery level', range: PERCENT, basis: 'definition', step: 1 },
  'device.battery_voltage': { unit: 'V', shown: 'V', vi: 'Điện áp pin', en: 'Battery voltage', range: [0, 60], basis: 'chosen', step: 0.01 },
  'device.rssi': { unit: 'dB[mW]', shown: 'dBm', vi: 'Cường độ tín hiệu (RSSI)', en: 'Signal strength (RSSI)', range: [-200, 30], basis: 'chosen', step: 1 },
  'device.snr': { unit: 'dB', shown: 'dB', vi: 'Tỷ số tín hiệu trên nhiễu (SNR)', en: 'Signal-to-noise ratio (SNR)', range: [-60, 60], basis: 'chosen', step: 0.1 },
} satisfies Record<string, Channel>

/** All channels by name, in the order of the contract. A Map, because devices choose names: `constructor` must find nothing. */
export const CATALOGUE: ReadonlyMap<string, Channel> = new Map(Object.entries(CHANNELS))

/** The channel of this name, or undefined for one that is not in the catalogue. */
export const channelOf = (name: string): Channel | undefined => CATALOGUE.get(name)
