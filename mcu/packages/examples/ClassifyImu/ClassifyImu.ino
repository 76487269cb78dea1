// Decides by itself which movement it sees, and shows it: an analog accelerometer (ADXL335) at A0 to A2. Any other
// sensor: read it in read_sensor.
//   haltere mcu stream --device /dev/ttyACM0 --rate 100Hz --for 30s --label walk -o walk.csv   (each class)
//   haltere learn ... ; haltere mcu push gesture.hb --device /dev/ttyACM0
#include <Haltere.h>

using haltere::firmware::SensorChannel;

// 330 mV per g, 0 g at 1.65 V, 10 bits of 3.3 V: counts of 1/102 g.
const SensorChannel channels[] = {{"ax", 0.0098f}, {"ay", 0.0098f}, {"az", 0.0098f}};

void read_sensor(int16_t* sample) {
  for (uint8_t i = 0; i < 3; ++i) sample[i] = analogRead(A0 + i) - 512;
}

haltere::ArduinoSensor accelerometer() {
  haltere::ArduinoSensor sensor;
  sensor.channels = 3;
  sensor.channel = channels;
  sensor.most_hz = 500.0f;
  sensor.read = read_sensor;
  return sensor;
}

#if defined(__AVR__)
haltere::Device<1536, 1024, 256> device(accelerometer());
#else
haltere::Device<> device(accelerometer());
#endif

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  Serial.begin(115200);
  device.begin(Serial);
}

// The LED is on while it decides for any class but the first.
void loop() {
  device.poll();
  digitalWrite(LED_BUILTIN, device.decision() > 0 ? HIGH : LOW);
}
