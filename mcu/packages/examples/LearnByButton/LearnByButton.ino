// Learns where it is: while the button at pin 2 is pressed, what the sensor sees is of the class that was told last.
//   haltere mcu push gesture.hb --device /dev/ttyACM0
//   haltere mcu label walk --for 1s --device /dev/ttyACM0   (which class the button means)
//   haltere mcu pull --data held_back.csv --device /dev/ttyACM0   (what it learned, as the model's next version)
// A button at pin 3 lets a board enroll it.
#include <Haltere.h>

using haltere::firmware::SensorChannel;

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

haltere::ArduinoPins buttons() {
  haltere::ArduinoPins pins;
  pins.label_button = [] { return digitalRead(2) == LOW; };
  pins.enroll_button = [] { return digitalRead(3) == LOW; };
  pins.wake = [](bool raised) { digitalWrite(LED_BUILTIN, raised ? HIGH : LOW); };
  return pins;
}

#if defined(__AVR__)
haltere::Device<1536, 1024, 256> device(accelerometer(), buttons());
#else
haltere::Device<> device(accelerometer(), buttons());
#endif

void setup() {
  pinMode(2, INPUT_PULLUP);
  pinMode(3, INPUT_PULLUP);
  pinMode(LED_BUILTIN, OUTPUT);
  Serial.begin(115200);
  device.begin(Serial);
}

void loop() { device.poll(); }
